package kernel

import (
	"testing"

	"interleave/kernel/kerneltest"
)

// echo registers a target that says hello, sends back what it gets and closes when
// it is told so.
func echo(comms *Comms, closed chan<- string) {
	comms.Register("echo", func(c *Comm, data map[string]any) CommHandler {
		c.Send(map[string]any{"hello": data["name"]}, nil, nil)
		return CommHandler{
			Message: func(data map[string]any, buffers [][]byte) {
				if data["stop"] == true {
					c.Close(map[string]any{"bye": true})
					return
				}
				c.Send(data, map[string]any{"version": "2.1.0"}, buffers)
			},
			Close: func(data map[string]any) { closed <- c.ID },
		}
	})
}

func TestComm(t *testing.T) {
	closed := make(chan string, 1)
	comms := new(Comms)
	echo(comms, closed)
	h := start(t, func(o *Options, _ map[string]any) { o.Comms = comms })
	c := h.dial()
	send := func(kind string, content map[string]any) *kerneltest.Result {
		content["comm_id"] = "c1"
		return c.Collect(c.Send("shell", kind, content), "")
	}

	r := send("comm_open", map[string]any{"target_name": "echo", "data": map[string]any{"name": "Zoë"}})
	equal(t, "open", kerneltest.Types(r.IOPub), "busy comm_msg idle")
	equal(t, "open", encoded(r.Of("comm_msg")[0].Content), `{"comm_id":"c1","data":{"hello":"Zoë"}}`)
	equal(t, "info", info(c, ""), `{"c1":{"target_name":"echo"}}`)
	equal(t, "info", info(c, "echo"), `{"c1":{"target_name":"echo"}}`)
	equal(t, "info of another target", info(c, "other"), `{}`)

	frames, id := c.Frames("comm_msg", map[string]any{"comm_id": "c1", "data": map[string]any{"x": 1}}, nil)
	c.SendFrames("shell", append(frames, []byte("buffer"), nil)...)
	m := c.Collect(id, "").Of("comm_msg")[0]
	equal(t, "data", encoded(m.Content["data"]), `{"x":1}`)
	equal(t, "metadata", encoded(m.Metadata), `{"version":"2.1.0"}`)
	equal(t, "buffers", len(m.Buffers), 2)
	equal(t, "buffer", string(m.Buffers[0]), "buffer")

	r = send("comm_msg", map[string]any{"data": map[string]any{"stop": true}})
	equal(t, "closed by the kernel", encoded(r.Of("comm_close")[0].Content), `{"comm_id":"c1","data":{"bye":true}}`)
	equal(t, "info", info(c, ""), `{}`)

	send("comm_open", map[string]any{"target_name": "echo", "data": map[string]any{}})
	r = send("comm_close", map[string]any{"data": map[string]any{}})
	equal(t, "closed by the front-end", kerneltest.Types(r.IOPub)+" "+<-closed, "busy idle c1")
	equal(t, "info", info(c, ""), `{}`)
}

func info(c *kerneltest.Client, target string) string {
	return encoded(c.Request("shell", "comm_info_request", map[string]any{"target_name": target}).Reply.Content["comms"])
}

// What nobody registered is closed at once; what is not open is ignored.
func TestCommUnknown(t *testing.T) {
	h := start(t, nil)
	c := h.dial()
	for kind, want := range map[string]string{"comm_open": "busy comm_close idle", "comm_msg": "busy idle", "comm_close": "busy idle"} {
		id := c.Send("shell", kind, map[string]any{"comm_id": "c9", "target_name": "nobody", "data": map[string]any{}})
		equal(t, kind, kerneltest.Types(c.Collect(id, "").IOPub), want)
	}
	h.logged(`no comm "c9" is open`)
	equal(t, "info", info(c, ""), "{}")
}

// The kernel's side can open a comm, once it runs.
func TestCommOpenedByKernel(t *testing.T) {
	comms := new(Comms)
	if _, err := comms.Open("early", nil, nil, CommHandler{}); err == nil {
		t.Error("opened a comm before the kernel runs")
	}
	got := make(chan any, 1)
	h := start(t, func(o *Options, _ map[string]any) { o.Comms = comms })
	c := h.dial()
	comm, err := comms.Open("widget", map[string]any{"x": 1}, map[string]any{"version": "2"}, CommHandler{
		Message: func(data map[string]any, _ [][]byte) { got <- data["y"] }})
	if err != nil {
		t.Fatal(err)
	}
	m := c.Type("comm_open", "")
	equal(t, "content", encoded(m.Content), `{"comm_id":"`+comm.ID+`","data":{"x":1},"target_name":"widget"}`)
	equal(t, "metadata", encoded(m.Metadata), `{"version":"2"}`)
	last := c.Send("shell", "comm_msg", map[string]any{"comm_id": comm.ID, "data": map[string]any{"y": 2}})
	c.Collect(last, "")
	equal(t, "y", (<-got).(float64), 2)
	comm.Close(nil)
	equal(t, "close", c.Type("comm_close", last).Content["comm_id"].(string), comm.ID)
}
