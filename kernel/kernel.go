// Package kernel speaks the Jupyter protocol, version 5.5, for an evaluator of Go:
// sockets, dispatch, execution, introspection, control, stdin, comms and history.
// It never runs user code. Each file is one concern of the protocol, in its words.
package kernel

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"interleave/kernel/connection"
	"interleave/kernel/history"
	"interleave/kernel/wire"
)

const (
	endTime    = 2 * time.Second // for requests under way when the kernel ends
	lingerTime = 2 * time.Second // for the last messages to leave, after that
	parentLook = time.Second     // between two looks whether the server still lives
)

// Options are what a kernel may be told. The zero value works.
type Options struct {
	Version     string    // implementation_version in kernel_info_reply
	Log         io.Writer // gets a line for each thing that went wrong; nil: nobody does
	HistoryPath string    // database of inputs; empty: history.DefaultPath
	Comms       *Comms    // targets for front-ends to open; nil: none
}

// kernel is one running kernel.
type kernel struct {
	sockets
	options   Options
	evaluator Evaluator
	log       *log.Logger
	session   *wire.Session
	codec     *wire.Codec
	count     counter
	cells     cells
	main      *lane
	subshells subshells
	asker     asker
	comms     *Comms
	history   *history.Store
	heard     heard
	quit      context.CancelFunc // ends the kernel
	lanes     sync.WaitGroup     // goroutines of lanes
	readers   sync.WaitGroup     // goroutines of sockets
}

// Run runs a kernel on the sockets that a connection file names, until a
// shutdown_request, SIGTERM or the end of ctx. SIGINT interrupts the running cell. A
// port of 0 in the file is replaced by the one in use. Run closes ev. It is an
// error when the file is wrong or a socket cannot be bound.
func Run(ctx context.Context, connectionFile string, ev Evaluator, o Options) error {
	defer ev.Close()
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(signals)
	ctx, quit := context.WithCancel(ctx)
	defer quit()

	file, err := connection.Read(connectionFile)
	if err != nil {
		return err
	}
	signer, err := wire.NewSigner(file.Scheme, []byte(file.Key))
	if err != nil {
		return fmt.Errorf("connection file %s: %w", connectionFile, err)
	}
	k := newKernel(ev, wire.NewCodec(signer), quit, o)
	if err := k.listen(file); err != nil {
		return fmt.Errorf("connection file %s: %w", connectionFile, err)
	}
	k.start()
	go watchParent(ctx, quit, parentLook) // ends with ctx
	k.wait(ctx, signals)
	k.stop()
	return nil
}

func newKernel(ev Evaluator, codec *wire.Codec, quit context.CancelFunc, o Options) *kernel {
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.HistoryPath == "" {
		o.HistoryPath = history.DefaultPath()
	}
	if o.Comms == nil {
		o.Comms = new(Comms)
	}
	k := &kernel{options: o, evaluator: ev, codec: codec, quit: quit, main: newLane(), comms: o.Comms}
	k.log = log.New(o.Log, "interleave: ", log.LstdFlags|log.Lmsgprefix)
	k.session = wire.NewSession("kernel")
	k.heard.limit, k.heard.ch = hearing, make(chan struct{})
	k.history = history.New(o.HistoryPath, func(line string) { k.log.Print(line) })
	return k
}

// start publishes starting and begins to answer. The goroutines of sockets end
// when their socket is closed, that of the lane with the lane.
func (k *kernel) start() {
	k.comms.attach(k.publishComm)
	k.publish("status", nil, &wire.Status{ExecutionState: "starting"})
	k.lanes.Go(func() { k.serve(k.main) })
	k.readers.Go(func() { k.read(k.shell, k.route) })
	k.readers.Go(func() { k.read(k.control, k.answer) })
	k.readers.Go(func() { k.read(k.stdin, k.inputReply) })
}

// wait returns when the kernel is to end.
func (k *kernel) wait(ctx context.Context, signals <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-signals:
			if s == syscall.SIGTERM {
				return
			}
			k.cells.interrupt(k.evaluator.Kill)
		}
	}
}

// stop ends what is under way, and leaves when all messages have, in bounded time.
func (k *kernel) stop() {
	k.main.close(true)
	k.subshells.close()
	k.cells.stop(k.evaluator.Kill)
	ended := make(chan struct{})
	go func() { // ends with the last lane, or with the process
		k.lanes.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(endTime):
		k.log.Print("a request did not end in time; leaving without it")
	}
	var all sync.WaitGroup
	all.Go(k.history.Flush)
	all.Go(func() { k.sockets.close(lingerTime) })
	all.Go(k.evaluator.Close)
	all.Wait()
	k.readers.Wait()
}
