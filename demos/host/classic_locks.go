package host

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"interleave/demos/timeline"
)

// A traced lock knows who has it and who waits for it, so that a deadlock is seen
// and reported. A waiting goroutine is ended then, as nothing else would end it.
type traced struct {
	name string
	held chan struct{} // full while somebody has it
	all  *locks
}

// locks are those of one run.
type locks struct {
	mu    sync.Mutex
	owner map[string]string // lock -> who has it
	wants map[string]string // who -> the lock that he waits for
	cycle string            // the deadlock, in words
	dead  chan struct{}     // closed by it
}

func newLocks() *locks {
	return &locks{owner: map[string]string{}, wants: map[string]string{}, dead: make(chan struct{})}
}

func (l *locks) lock(name string) *traced {
	return &traced{name: name, held: make(chan struct{}, 1), all: l}
}

var errDeadlock = errors.New("deadlock")

// acquire waits for the lock; errDeadlock where it would be for ever.
func (t *traced) acquire(ctx context.Context, who string) error {
	select {
	case t.held <- struct{}{}:
	default:
		t.all.want(who, t.name)
		select {
		case t.held <- struct{}{}:
		case <-t.all.dead:
			return errDeadlock
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	t.all.mu.Lock()
	defer t.all.mu.Unlock()
	delete(t.all.wants, who)
	t.all.owner[t.name] = who
	t.all.search()
	return nil
}

func (t *traced) release() {
	t.all.mu.Lock()
	delete(t.all.owner, t.name)
	t.all.mu.Unlock()
	<-t.held
}

// want notes who waits for which lock.
func (l *locks) want(who, lock string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wants[who] = lock
	l.search()
}

// search looks for a circle of goroutines that wait for each other. l.mu is held.
func (l *locks) search() {
	if l.cycle != "" {
		return
	}
	for who := range l.wants {
		var path []string
		for at := who; ; {
			lock, waits := l.wants[at]
			owner, held := l.owner[lock]
			if !waits || !held || owner == at || len(path) > len(l.wants) {
				break
			}
			path = append(path, fmt.Sprintf("%s waits for %s, which %s has", at, lock, owner))
			if at = owner; at == who {
				l.cycle = strings.Join(path, "; ")
				close(l.dead)
				return
			}
		}
	}
}

// An account of the unsafe bank. Reading and writing are atomic each; both
// together are not, which is what goes wrong.
type account struct {
	balance atomic.Int64
	lock    *traced
}

func (a *account) add(n int64) {
	have := a.balance.Load()
	runtime.Gosched() // where another may come between
	a.balance.Store(have + n)
}

// unsafeBank moves money between two accounts: without locks, with one for all,
// with one each taken in the order of the transfer, and with one each taken in one
// order.
func unsafeBank(b *book) error {
	for _, way := range []struct {
		name string
		move func(all *traced, from, to *account, who string) error
	}{
		{"no lock", func(_ *traced, from, to *account, _ string) error { return transfer(from, to) }},
		{"one lock", func(all *traced, from, to *account, who string) error {
			return with(b.ctx, who, func() error { return transfer(from, to) }, all)
		}},
		{"two locks", func(_ *traced, from, to *account, who string) error {
			return with(b.ctx, who, func() error { return transfer(from, to) }, from.lock, to.lock)
		}},
		{"ordered locks", func(_ *traced, from, to *account, who string) error {
			first, second := from.lock, to.lock
			if second.name < first.name {
				first, second = second, first
			}
			return with(b.ctx, who, func() error { return transfer(from, to) }, first, second)
		}},
	} {
		n := 2000
		if way.name == "no lock" { // cheap, and the race may be long in coming
			n = 100_000
		}
		b.bank(way.name, n, way.move)
	}
	return nil
}

func transfer(from, to *account) error {
	from.add(-1)
	to.add(1)
	return nil
}

// with runs f with locks held, taken in that order.
func with(ctx context.Context, who string, f func() error, list ...*traced) error {
	for i, l := range list {
		if err := l.acquire(ctx, who); err != nil {
			return err
		}
		defer l.release()
		if i < len(list)-1 {
			runtime.Gosched() // long enough, now and then, for another to take the other lock
		}
	}
	return f()
}

// bank has two goroutines move money to and fro.
func (b *book) bank(name string, n int, move func(all *traced, from, to *account, who string) error) {
	const start = 10_000
	l := newLocks()
	all := l.lock("the lock")
	accounts := []*account{{lock: l.lock("account a")}, {lock: l.lock("account b")}}
	for _, a := range accounts {
		a.balance.Store(start)
	}
	var wait sync.WaitGroup
	var done atomic.Int64
	begun := b.now()
	for k, who := range []string{"ann", "bob"} {
		lane := b.lane(name + ": " + who)
		wait.Add(1)
		b.goroutine(func() {
			defer wait.Done()
			from := b.now()
			var err error
			for i := 0; i < n && err == nil && b.ctx.Err() == nil; i++ {
				if err = move(all, accounts[k], accounts[1-k], who); err == nil {
					done.Add(1)
				}
			}
			state := timeline.Running
			if errors.Is(err, errDeadlock) {
				state = timeline.Waiting
			}
			b.draw(lane, state, name, from, b.now())
		})
	}
	wait.Wait()
	took := short(time.Duration(b.now() - begun))
	total := accounts[0].balance.Load() + accounts[1].balance.Load()
	switch {
	case l.cycle != "":
		b.note("With %s: DEADLOCK after %d transfers: %s.", name, done.Load(), l.cycle)
	case total != 2*start:
		b.note("With %s: %d in all, where %d should be: a race; %d transfers in %s.", name, total, 2*start, done.Load(), took)
	default:
		b.note("With %s: %d in all, as it should be; %d transfers in %s.", name, total, done.Load(), took)
	}
}

// philosophers dine: each takes the lower of his two forks first, so that no circle
// can form.
func philosophers(b *book) error {
	names := []string{"Aristotle", "Kant", "Spinoza", "Marx", "Russell"}
	l := newLocks()
	forks := make([]*traced, len(names))
	for i := range forks {
		forks[i] = l.lock(fmt.Sprintf("fork %d", i+1))
	}
	meals := make([]int, len(names))
	for i, name := range names {
		lane := b.lane(name)
		first, second := forks[i], forks[(i+1)%len(forks)]
		if i == len(names)-1 {
			first, second = second, first
		}
		b.goroutine(func() {
			for meals[i] < 4 {
				b.do(lane, timeline.Waiting, "thinks", func() { b.sleep(time.Duration(3+2*i) * time.Millisecond) })
				hungry := b.now()
				err := with(b.ctx, name, func() error {
					b.draw(lane, timeline.Runnable, "is hungry", hungry, b.now())
					b.do(lane, timeline.Running, "eats", func() { b.sleep(8 * time.Millisecond) })
					return nil
				}, first, second)
				if err != nil {
					return
				}
				meals[i]++
				b.item(hungry)
			}
		})
	}
	b.wait.Wait()
	b.note("Meals: %v. Each takes the fork of the lower number first, so that nobody waits in a circle.", meals)
	return nil
}
