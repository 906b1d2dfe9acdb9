package interp

import (
	"os"
	"path/filepath"
)

// trialModule is the module of the folder that the self-test runs in.
var trialModule = map[string]string{
	"go.mod": "module interleave.selftest\n\ngo 1.26\n",
	"shared/shared.go": `package shared

import (
	"bytes"
	"fmt"
)

var Order, words = []string{"shared"}, map[string]int{"one": len(fmt.Sprint(1)), "three": len(fmt.Sprint(123))}

type Shape interface{ area() int }

type Square struct{ Side int }

func (s Square) area() int { return s.Side * s.Side }

func Area(v any) int {
	if s, ok := v.(Shape); ok {
		return s.area()
	}
	return -1
}

type Node struct {
	Buf  [2]bytes.Buffer
	Next *Node
	n    int
}

func (n *Node) Write(p []byte) (int, error) { n.n++; return n.Buf[n.n%2].Write(p) }

func (n *Node) Len() (sum int) {
	for ; n != nil; n = n.Next {
		sum += n.Buf[0].Len() + n.Buf[1].Len()
	}
	return
}

type List[T any] struct{ all []T }

func (l *List[T]) Add(v T) int { l.all = append(l.all, v); count++; return len(l.all) }

var count int

func Count() int { return count }

func Word(s string) int { return words[s] }
`,
	"above/above.go": `package above

import "interleave.selftest/shared"

type Pair struct {
	shared.Square
	Nodes [2]shared.Node
}

func init() { shared.Order = append(shared.Order, "above") }

func Area(p *Pair) int { return shared.Area(p) }
`,
}

// moduleTrials use that module, each something that no earlier one did; they follow trials.
var moduleTrials = []trial{
	{"import \"interleave.selftest/shared\"\nshared.Count()", "0"},
	{"var numbers shared.List[int]; numbers.Add(5) + numbers.Add(6) + shared.Count()", "5"},
	{"type side struct{ shared.Square; n *shared.Node }; fmt.Sprint(shared.Area(side{shared.Square{Side: 3}, nil}), shared.Area(1), shared.Word(\"three\"))", "9 -1 3"},
	{"var node shared.Node; for i := range 100 { node.Next = &shared.Node{Next: node.Next}; fmt.Fprint(node.Next, i); if i%20 == 0 { runtime.GC() } }; var filled any = &node; _, writes := filled.(io.Writer); fmt.Sprint(node.Len(), writes)", "190 true"},
	{"import \"interleave.selftest/above\"\nvar two above.Pair; two.Side = 2; fmt.Fprint(&two.Nodes[1], \"text\"); fmt.Sprint(above.Area(&two), two.Nodes[1].Len(), shared.Order, shared.Count())", "4 4 [shared above] 2"},
}

// writeTrialModule writes trialModule to dir.
func writeTrialModule(dir string) error {
	for name, text := range trialModule {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
