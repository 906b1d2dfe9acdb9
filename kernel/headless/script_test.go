package headless

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"interleave/display"
	"interleave/interp"
)

// script is an evaluator whose cells are lines of orders, so that a test says
// what a cell puts out:
//
//	stdout TEXT | stderr TEXT    a stream; \n and \r as in Go
//	show ID MIME VALUE           display_data; ID - for none
//	update ID MIME VALUE         update_display_data
//	clear | clear wait
//	result MIME VALUE
//	error NAME VALUE             ends the cell
//	input PROMPT                 its error ends the cell
//	block                        until the cell is interrupted
//	call                         runs script.call
//	flood                        prints until the cell is interrupted
//	late TEXT                    a stream of this cell when the evaluator closes
type script struct {
	dir  string
	call func()
	late []func()
}

func (s *script) Close() {
	for _, f := range s.late {
		f()
	}
}

func (s *script) Eval(ctx context.Context, c interp.Request, out interp.Output) (*display.Bundle, error) {
	var result *display.Bundle
	for _, line := range strings.Split(strings.TrimSpace(c.Code), "\n") {
		order, rest, _ := strings.Cut(line, " ")
		a, b, _ := strings.Cut(rest, " ")
		switch order {
		case "stdout", "stderr":
			out.Stream(order, unescape(rest))
		case "show", "update":
			mime, value, _ := strings.Cut(b, " ")
			out.Display(bundle(mime, value), strings.TrimPrefix(a, "-"), order == "update")
		case "clear":
			out.Clear(rest == "wait")
		case "result":
			value := bundle(a, b)
			result = &value
		case "error":
			return result, fmt.Errorf("wrapped: %w", &interp.Error{Name: a, Value: unescape(b), Traceback: []string{"\x1b[31m" + a + "\x1b[0m: " + unescape(b)}})
		case "input":
			_, err := out.Input(rest, false)
			return nil, err
		case "block":
			<-ctx.Done()
			return nil, &interp.Error{Name: "Interrupted", Value: "cell stopped", Traceback: []string{"stopped at cell 1:1"}}
		case "call":
			s.call()
		case "flood":
			for line := strings.Repeat("x", 1<<20) + "\n"; ctx.Err() == nil; {
				out.Stream("stdout", line)
			}
			return nil, &interp.Error{Name: "Interrupted", Value: "cell stopped"}
		case "late":
			s.late = append(s.late, func() { out.Stream("stdout", rest) })
		default:
			return nil, errors.New("no such order: " + order)
		}
	}
	return result, nil
}

func unescape(s string) string {
	return strings.NewReplacer(`\n`, "\n", `\r`, "\r").Replace(s)
}

func bundle(mime, value string) display.Bundle {
	data := map[string]any{mime: unescape(value)}
	if strings.HasSuffix(mime, "json") {
		data[mime] = []any{1, value}
	}
	return display.Bundle{Data: data}
}

// run runs paths with scripted evaluators and gives what was logged.
func run(t *testing.T, ctx context.Context, o Options, call func(), paths ...string) (string, error) {
	t.Helper()
	var log bytes.Buffer
	o.Log = &log
	o.New = func(dir string, _ interp.Pins) (Evaluator, error) { return &script{dir: dir, call: call}, nil }
	err := Run(ctx, paths, o)
	return log.String(), err
}

// write makes a notebook with one code cell per source, in a folder of its own.
func write(t *testing.T, sources ...string) string {
	t.Helper()
	var cells []string
	for i, s := range sources {
		cells = append(cells, fmt.Sprintf(`{"cell_type":"code","id":"c%d","metadata":{},"source":%q,"outputs":[{"output_type":"stream","name":"stdout","text":"old"}],"execution_count":77}`, i, s))
	}
	return writeRaw(t, `{"cells":[`+strings.Join(cells, ",")+`],"metadata":{},"nbformat":4,"nbformat_minor":5}`)
}

func writeRaw(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "nb.ipynb")
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
