package interp

import "time"

// eventually fails where ok does not become true within ten seconds.
func eventually(fatalf func(string, ...any), ok func() (bool, string)) {
	end := time.Now().Add(10 * time.Second)
	for {
		good, got := ok()
		if good {
			return
		}
		if time.Now().After(end) {
			fatalf("still %q", got)
			return
		}
		time.Sleep(time.Millisecond)
	}
}
