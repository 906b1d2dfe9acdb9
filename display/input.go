package display

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// Input asks the user for a line of text and gives it without its end. Errors: the
// front-end allows no input, the cell was interrupted, or io.EOF.
func Input(prompt string) (string, error) { return ask(prompt, false) }

// Password asks as Input does, without showing what is typed. Outside a notebook
// the terminal shows it.
func Password(prompt string) (string, error) { return ask(prompt, true) }

func ask(prompt string, password bool) (string, error) {
	if Output != nil {
		return Output.Input(prompt, password)
	}
	fmt.Print(prompt)
	return readLine(os.Stdin)
}

// readLine reads byte by byte, so that what follows the line is left to the next
// reader. A last line without an end is a line; nothing at all is io.EOF.
func readLine(r io.Reader) (string, error) {
	var line strings.Builder
	for b := make([]byte, 1); ; {
		n, err := r.Read(b)
		if n == 1 && b[0] == '\n' {
			return strings.TrimSuffix(line.String(), "\r"), nil
		}
		line.Write(b[:n])
		if err == io.EOF && line.Len() > 0 {
			return line.String(), nil
		}
		if err != nil {
			return "", err
		}
	}
}
