package chart

import (
	"cmp"
	"slices"
)

// Thin gives bars that are no more than most, by joining neighbours of one kind in
// one category that are closer than can be seen, and then closer than that. It
// tells how many there were where it joined any. Bars are sorted by it.
func Thin(bars []Bar, most int) (thin []Bar, from int) {
	if len(bars) <= most {
		return bars, 0
	}
	slices.SortStableFunc(bars, func(a, b Bar) int {
		return cmp.Or(cmp.Compare(a.Y, b.Y), cmp.Compare(a.X0, b.X0))
	})
	low, high := bars[0].X0, bars[0].X1
	for _, b := range bars {
		low, high = min(low, b.X0), max(high, b.X1)
	}
	for gap := (high - low) / 4000; ; gap *= 1.3 {
		if thin = join(bars, gap); len(thin) <= most || gap > high-low {
			return thin, len(bars)
		}
	}
}

// join joins neighbours that are no further apart than gap and no longer than it,
// or end and begin at the same time.
func join(bars []Bar, gap float64) []Bar {
	var out []Bar
	for _, b := range bars {
		if n := len(out); n > 0 {
			last := &out[n-1]
			short := b.X1-b.X0 <= gap || last.X1-last.X0 <= gap
			if last.Y == b.Y && b.X0-last.X1 <= gap && (last.Kind == b.Kind || b.X1-b.X0 <= gap/2) && short {
				last.X1 = max(last.X1, b.X1)
				last.Label = "several tasks"
				continue
			}
		}
		out = append(out, b)
	}
	return out
}
