package host

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"interleave/demos/timeline"
)

// cancellationTree starts tasks that start tasks, and cancels one in the middle.
func cancellationTree(b *book) error {
	var grow func(ctx context.Context, name string, depth int)
	var cancels []func() // called when all tasks have ended, so that none is cancelled by its parent's end
	grow = func(ctx context.Context, name string, depth int) {
		lane, begun := b.lane(name), b.now()
		ctx, cancel := context.WithCancel(ctx)
		cancels = append(cancels, cancel)
		if name == "root.2" {
			time.AfterFunc(40*time.Millisecond, cancel)
		}
		for i := range 2 * min(depth, 1) {
			grow(ctx, fmt.Sprintf("%s.%d", name, i+1), depth-1)
		}
		b.goroutine(func() {
			timer := time.NewTimer(100 * time.Millisecond)
			defer timer.Stop()
			state, label := timeline.Running, "ended by itself"
			select {
			case <-timer.C:
			case <-ctx.Done():
				state, label = timeline.Runnable, "cancelled"
			}
			b.draw(lane, state, name+" "+label, begun, b.now())
		})
	}
	grow(b.ctx, "root", 3)
	b.wait.Wait()
	for _, cancel := range cancels {
		cancel()
	}
	b.note("root.2 is cancelled after 40 ms, and with it all below it (runnable); the others end by themselves.")
	return nil
}

const crawlPages = 24

// crawler fetches a site whose pages link to each other, each page once, with four
// goroutines.
func crawler(b *book) error {
	url, stop, err := site()
	if err != nil {
		return err
	}
	defer stop()
	c := &crawl{b: b, url: url, seen: map[string]bool{"/0": true}, todo: make(chan string, crawlPages), client: &http.Client{Timeout: 5 * time.Second}}
	c.open.Add(1)
	c.todo <- "/0"
	b.goroutine(func() {
		c.open.Wait() // every page that was found has been fetched
		close(c.todo)
	})
	for w := range 4 {
		lane := b.lane(fmt.Sprintf("crawler %d", w+1))
		b.goroutine(func() {
			for page := range c.todo {
				c.fetch(lane, page)
			}
		})
	}
	b.wait.Wait()
	b.note("%d pages, each fetched once: %d requests.", len(c.seen), c.fetched)
	return c.err
}

// A crawl is one run of the crawler.
type crawl struct {
	b      *book
	url    string
	client *http.Client
	todo   chan string
	open   sync.WaitGroup // pages that were found and not fetched yet

	mu      sync.Mutex // guards what follows
	seen    map[string]bool
	fetched int
	err     error
}

var links = regexp.MustCompile(`href="([^"]+)"`)

// fetch fetches a page and puts what it links to on the list.
func (c *crawl) fetch(lane int, page string) {
	defer c.open.Done()
	begun := c.b.now()
	var body string
	var err error
	c.b.do(lane, timeline.Waiting, page, func() { body, err = c.get(page) })
	c.b.item(begun)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fetched++
	if err != nil {
		c.err = fmt.Errorf("crawler: %w", err)
		return
	}
	for _, m := range links.FindAllStringSubmatch(body, -1) {
		if !c.seen[m[1]] {
			c.seen[m[1]] = true
			c.open.Add(1)
			c.todo <- m[1] // has room for all pages
		}
	}
}

func (c *crawl) get(page string) (string, error) {
	req, err := http.NewRequestWithContext(c.b.ctx, "GET", c.url+page, nil)
	if err != nil {
		return "", err
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

// site serves pages /0 to /23 on this machine, each of which links to three others.
func site() (url string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("crawler: no port on 127.0.0.1: %w", err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		if _, err := fmt.Sscanf(strings.TrimPrefix(r.URL.Path, "/"), "%d", &n); err != nil {
			http.NotFound(w, r)
			return
		}
		time.Sleep(time.Duration(5+n%4*5) * time.Millisecond)
		for _, k := range []int{2*n + 1, 2*n + 2, n * 7} {
			fmt.Fprintf(w, "<a href=\"/%d\">%d</a>\n", k%crawlPages, k%crawlPages)
		}
	})}
	go server.Serve(l) // ends with stop
	return "http://" + l.Addr().String(), func() { server.Close() }, nil
}
