package work

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"
)

// Serve answers GET ?i=N with the number Answer(N), each after delay, until ctx
// ends. It listens on a free port of this machine only, and tells its URL by ready.
func Serve(ctx context.Context, delay time.Duration, ready func(url string)) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("demo server: no port on 127.0.0.1: %w", err)
	}
	server := &http.Server{Handler: handler(delay), ReadHeaderTimeout: time.Minute}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	ready("http://" + l.Addr().String() + "/")
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func handler(delay time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i, err := strconv.Atoi(r.URL.Query().Get("i"))
		if err != nil {
			http.Error(w, "no number i", http.StatusBadRequest)
			return
		}
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
			fmt.Fprint(w, Answer(i))
		case <-r.Context().Done():
		}
	})
}

// ServeProcess is the life of a process that serves: it writes its URL as a line to
// standard output, and ends when its standard input does, which its parent holds.
func ServeProcess(delay time.Duration) error {
	ctx, cancel := context.WithCancel(context.Background())
	go func() { // ends with the parent
		os.Stdin.Read(make([]byte, 1))
		cancel()
	}()
	return Serve(ctx, delay, func(url string) { fmt.Println(url) })
}
