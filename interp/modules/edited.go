package modules

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"interleave/interp/native/build"
)

// stampOf tells the sources of a package from edited ones.
func stampOf(m *build.Module) string {
	names := slices.Concat(m.GoFiles, m.CgoFiles, m.OtherFiles)
	found, _ := filepath.Glob(filepath.Join(m.Dir, "*.go"))
	for _, file := range found {
		if name := filepath.Base(file); !strings.HasSuffix(name, "_test.go") && !slices.Contains(names, name) {
			names = append(names, name) // for another system perhaps, or not in there before
		}
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		st, err := os.Stat(filepath.Join(m.Dir, name))
		if err != nil {
			fmt.Fprintln(&b, name, "gone")
			continue
		}
		fmt.Fprintln(&b, name, st.Size(), st.ModTime().UnixNano())
	}
	return b.String()
}

// Edited gives the packages whose sources have changed since they were loaded, or
// since they were told here.
func (s *Session) Edited() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for path, stamp := range s.stamps {
		m := s.packages[path]
		if now := stampOf(m); now != stamp {
			s.stamps[path] = now
			out = append(out, m.ImportPath)
		}
	}
	slices.Sort(out)
	return out
}
