package timeline

import (
	"cmp"
	"slices"
	"strconv"
)

// order gives the indexes of all tasks by when they began.
func (r *Recorder) order() []int {
	order := make([]int, len(r.tasks))
	for i := range order {
		order[i] = i
	}
	began := func(i int) int64 {
		if c := r.tasks[i].Changes; len(c) > 0 {
			return c[0].At
		}
		return 0
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(began(a), began(b)) })
	return order
}

// A packer puts tasks into the first lane that is free, after lanes that have
// names. Tasks come by when they began.
type packer struct {
	lanes int
	free  []int64 // by lane: when it is free again
	heap  []int   // lanes in use, the one that is free first at its top
	idle  []int   // lanes that are free, the lowest at its end
}

// lane gives the lane of a task. It takes the lowest lane that is free.
func (p *packer) lane(start, end int64) int {
	for len(p.heap) > 0 && p.free[p.heap[0]] <= start {
		p.release()
	}
	var l int
	if n := len(p.idle); n > 0 {
		l = p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.free[l] = end
	} else {
		l = len(p.free)
		p.free = append(p.free, end)
	}
	p.push(l)
	return p.lanes + l
}

// release moves the lane at the top to the idle ones, which stay sorted.
func (p *packer) release() {
	l := p.heap[0]
	last := len(p.heap) - 1
	p.heap[0] = p.heap[last]
	p.heap = p.heap[:last]
	p.down(0)
	i, _ := slices.BinarySearchFunc(p.idle, l, func(a, b int) int { return cmp.Compare(b, a) })
	p.idle = slices.Insert(p.idle, i, l)
}

func (p *packer) push(l int) {
	p.heap = append(p.heap, l)
	for i := len(p.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if p.free[p.heap[parent]] <= p.free[p.heap[i]] {
			return
		}
		p.heap[parent], p.heap[i] = p.heap[i], p.heap[parent]
		i = parent
	}
}

func (p *packer) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(p.heap) {
			return
		}
		if child+1 < len(p.heap) && p.free[p.heap[child+1]] < p.free[p.heap[child]] {
			child++
		}
		if p.free[p.heap[i]] <= p.free[p.heap[child]] {
			return
		}
		p.heap[i], p.heap[child] = p.heap[child], p.heap[i]
		i = child
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
