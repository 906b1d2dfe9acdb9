package worker

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"reflect"
	"unsafe"
)

// A request is a range of tasks, with their arguments. How many of them are done
// stands in the page, where the parent may shorten the range.
type request struct {
	Call    []byte // gob of a Call; none: that of the request before
	First   int    // index of the first task, where Indexes has none
	Count   int    // of tasks
	Indexes []int  // of the tasks; none: they follow each other
	Inputs  []byte // arguments, as slice gives them; none for ready-made tasks
	Times   bool   // wanted
}

// A reply is what became of some tasks of a range: the next ones after those of the
// reply before. The first one of a worker is empty.
type reply struct {
	Count   int    // of tasks
	Results []byte // as slice gives them
	Failed  []failure
	Changes []int // of the tasks in turn: how many, then At and State of each, then the end
	Base    int   // that these times count from
	Done    bool  // the range is over
	Err     string
}

// A failure is the error of the task at a place of the range.
type failure struct {
	Place int
	Text  string
}

// A frame is a message: its length, and then fields, each of which is a number of
// eight bytes, or the number of bytes that follow.
type frame struct {
	b   []byte
	bad bool // it ended too early
}

// begin makes f a new message.
func (f *frame) begin() { f.b = append(f.b[:0], make([]byte, word)...) }

const word = 8

func (f *frame) int(n int)      { f.b = binary.LittleEndian.AppendUint64(f.b, uint64(n)) }
func (f *frame) bytes(p []byte) { f.int(len(p)); f.b = append(f.b, p...) }
func (f *frame) ints(p []int)   { f.bytes(raw(p)) }

// slice appends what encode gives of a slice, if there is one.
func (f *frame) slice(v reflect.Value) error {
	at := len(f.b)
	f.int(0)
	if !v.IsValid() {
		return nil
	}
	b, err := encode(f.b, v)
	if err != nil {
		return err
	}
	f.b = b
	binary.LittleEndian.PutUint64(f.b[at:], uint64(len(f.b)-at-word))
	return nil
}

func (f *frame) bool(b bool) {
	if b {
		f.int(1)
	} else {
		f.int(0)
	}
}

// raw is a slice of numbers as it lies in memory.
func raw(p []int) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(p))), len(p)*word)
}

// send writes f, at once.
func (f *frame) send(w io.Writer) error {
	binary.LittleEndian.PutUint64(f.b, uint64(len(f.b)-word))
	_, err := w.Write(f.b)
	return err
}

// receive reads the next message. Its memory is used again for the one after it.
func (f *frame) receive(r io.Reader) error {
	var head [word]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	const most = 1 << 20 // that is believed before it has come
	n := binary.LittleEndian.Uint64(head[:])
	f.bad = false
	if n > most {
		var b bytes.Buffer
		if got, err := io.CopyN(&b, r, int64(n)); err != nil || uint64(got) != n {
			return errors.Join(errShort, err)
		}
		f.b = b.Bytes()
		return nil
	}
	if uint64(cap(f.b)) < n {
		f.b = make([]byte, n)
	}
	f.b = f.b[:n]
	_, err := io.ReadFull(r, f.b)
	return err
}

var errShort = errors.New("a message is cut off")

func (f *frame) takeInt() int {
	if len(f.b) < word {
		f.bad = true
		return 0
	}
	n := binary.LittleEndian.Uint64(f.b)
	f.b = f.b[word:]
	return int(n)
}

func (f *frame) takeBytes() []byte {
	n := f.takeInt()
	if n < 0 || n > len(f.b) {
		f.bad = true
		return nil
	}
	p := f.b[:n:n]
	f.b = f.b[n:]
	return p
}

func (f *frame) takeInts() []int {
	p := f.takeBytes()
	out := make([]int, len(p)/word)
	copy(raw(out), p)
	return out
}

// put makes f the message r with these arguments.
func (r *request) put(f *frame, inputs reflect.Value) error {
	f.begin()
	f.bytes(r.Call)
	f.int(r.First)
	f.int(r.Count)
	f.ints(r.Indexes)
	f.bool(r.Times)
	return f.slice(inputs)
}

// take reads r from f, whose memory it shares.
func (r *request) take(f *frame) error {
	whole := f.b
	*r = request{Call: f.takeBytes(), First: f.takeInt(), Count: f.takeInt(), Indexes: f.takeInts(), Times: f.takeInt() != 0, Inputs: f.takeBytes()}
	f.b = whole
	return f.check()
}

func (f *frame) check() error {
	if f.bad {
		return errShort
	}
	return nil
}

// put makes f the message r with these results.
func (r *reply) put(f *frame, results reflect.Value) error {
	f.begin()
	f.int(r.Count)
	if err := f.slice(results); err != nil {
		return err
	}
	f.int(len(r.Failed))
	for _, e := range r.Failed {
		f.int(e.Place)
		f.bytes([]byte(e.Text))
	}
	f.ints(r.Changes)
	f.int(r.Base)
	f.bool(r.Done)
	f.bytes([]byte(r.Err))
	return nil
}

func (r *reply) take(f *frame) error {
	whole := f.b
	*r = reply{Count: f.takeInt(), Results: f.takeBytes()}
	for n := f.takeInt(); n > 0 && !f.bad; n-- {
		r.Failed = append(r.Failed, failure{f.takeInt(), string(f.takeBytes())})
	}
	r.Changes, r.Base, r.Done, r.Err = f.takeInts(), f.takeInt(), f.takeInt() != 0, string(f.takeBytes())
	f.b = whole
	return f.check()
}
