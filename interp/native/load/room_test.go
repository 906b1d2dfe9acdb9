package load

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestRoom(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("mappings are counted on Linux")
	}
	used, err := mappings()
	if err != nil || used < 10 {
		t.Fatal(used, err)
	}
	defer func(file string) { limitFile = file }(limitFile)
	limitFile = filepath.Join(t.TempDir(), "limit")
	for _, tt := range []struct {
		limit string
		taken int // at least, and at most some more
		err   string
	}{
		{fmt.Sprint(used / 2), 0, "restart the kernel"},
		{fmt.Sprint(used + spare - 10), 0, fmt.Sprintf("of the %d that the system allows", used+spare-10)},
		{fmt.Sprint(used + spare + 100*most), 90, ""},
		{"none", 1000, ""},
	} {
		if err := os.WriteFile(limitFile, []byte(tt.limit), 0o644); err != nil {
			t.Fatal(err)
		}
		var r room
		for i := range max(1, tt.taken) {
			err := r.take()
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("limit %s, cell %d: %v, want %q", tt.limit, i, err, tt.err)
				break
			}
		}
		if r.left > 200 {
			t.Errorf("limit %s: %d cells without a count", tt.limit, r.left)
		}
	}
	limitFile += "-none"
	var r room
	if err := r.take(); err != nil {
		t.Error(err)
	}
}
