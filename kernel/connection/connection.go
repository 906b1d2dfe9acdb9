// Package connection reads the connection file, by which a client tells a kernel
// where to listen and which key signs their messages.
// Source: jupyter_client's kernels.rst, "Connection files".
package connection

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Channels are the kernel's sockets, in the spec's words. The field of each in a
// connection file is its name and "_port".
var Channels = []string{"shell", "control", "stdin", "iopub", "hb"}

// schemes are the signature schemes in use.
var schemes = []string{"hmac-sha256", "hmac-sha384", "hmac-sha512"}

// File is what a connection file says.
type File struct {
	Transport string         // "tcp" or "ipc"
	IP        string         // address or "*"; with ipc the start of the sockets' paths
	Key       string         // signs messages; empty: they are not signed
	Scheme    string         // signature_scheme; "hmac-sha256" where the file has none
	Ports     map[string]int // by channel; 0: the kernel chooses

	path   string
	fields map[string]json.RawMessage // all of the file, so that Write keeps what it does not know
}

// Read reads and checks the connection file at path. Its errors name the file and
// the field that is wrong.
func Read(path string) (*File, error) {
	text, err := os.ReadFile(path)
	var fault *fs.PathError
	switch {
	case errors.As(err, &fault):
		return nil, fmt.Errorf("connection file %s: %w", path, fault.Err)
	case err != nil:
		return nil, fmt.Errorf("connection file %s: %w", path, err)
	}
	f, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("connection file %s: %w", path, err)
	}
	f.path = path
	return f, nil
}

func parse(text []byte) (*File, error) {
	if len(text) == 0 {
		return nil, errors.New("file is empty")
	}
	f := &File{Scheme: "hmac-sha256", Ports: map[string]int{}}
	if err := json.Unmarshal(text, &f.fields); err != nil {
		return nil, fmt.Errorf("not a JSON object: %w", err)
	}
	for name, value := range map[string]*string{"transport": &f.Transport, "ip": &f.IP, "key": &f.Key} {
		if err := f.field(name, value, "a string"); err != nil {
			return nil, err
		}
	}
	if _, ok := f.fields["signature_scheme"]; ok {
		if err := f.field("signature_scheme", &f.Scheme, "a string"); err != nil {
			return nil, err
		}
	}
	for _, channel := range Channels {
		var port int
		if err := f.field(channel+"_port", &port, "a port from 0 to 65535"); err != nil {
			return nil, err
		}
		f.Ports[channel] = port
	}
	return f, f.check()
}

// field puts the named field into to; want says what it has to be.
func (f *File) field(name string, to any, want string) error {
	raw, ok := f.fields[name]
	if !ok {
		return fmt.Errorf("no field %q", name)
	}
	if string(raw) == "null" || json.Unmarshal(raw, to) != nil {
		return fmt.Errorf("field %q is %s, not %s", name, raw, want)
	}
	return nil
}

// check refuses values that no socket can be bound to.
func (f *File) check() error {
	if f.Transport != "tcp" && f.Transport != "ipc" {
		return fmt.Errorf("unknown transport %q: only tcp and ipc are supported", f.Transport)
	}
	if !slices.Contains(schemes, f.Scheme) {
		return fmt.Errorf("unknown signature_scheme %q: want hmac-sha256", f.Scheme)
	}
	if f.IP == "" {
		return errors.New(`field "ip" is empty`)
	}
	for _, channel := range Channels {
		if port := f.Ports[channel]; port < 0 || port > 65535 && f.Transport == "tcp" {
			return fmt.Errorf("field %q is %d, not a port from 0 to 65535", channel+"_port", port)
		}
	}
	return nil
}

// Endpoint gives the address to bind for a channel, such as "tcp://127.0.0.1:5000",
// "tcp://[::1]:0" or "ipc:///run/kernel-1". An ipc port of 0 becomes the first number
// that has no socket yet, which is noted in Ports.
func (f *File) Endpoint(channel string) string {
	if f.Transport == "tcp" {
		host := strings.TrimSuffix(strings.TrimPrefix(f.IP, "["), "]") // an IPv6 address has brackets in some
		return "tcp://" + net.JoinHostPort(host, strconv.Itoa(f.Ports[channel]))
	}
	if f.Ports[channel] == 0 {
		f.Ports[channel] = f.freeNumber()
	}
	return "ipc://" + f.socket(f.Ports[channel])
}

func (f *File) socket(number int) string { return f.IP + "-" + strconv.Itoa(number) }

// freeNumber gives the least number from 1 that neither a channel nor a file has.
func (f *File) freeNumber() int {
	for number := 1; ; number++ {
		_, err := os.Lstat(f.socket(number))
		if errors.Is(err, fs.ErrNotExist) && !f.taken(number) {
			return number
		}
	}
}

func (f *File) taken(number int) bool {
	for _, port := range f.Ports {
		if port == number {
			return true
		}
	}
	return false
}

// Write puts the ports in use into the file that f was read from. A reader sees
// the old file or the new one, never a part.
func (f *File) Write() error {
	for channel, port := range f.Ports {
		f.fields[channel+"_port"] = json.RawMessage(strconv.Itoa(port))
	}
	text, err := json.MarshalIndent(f.fields, "", "  ")
	if err != nil {
		return err
	}
	if err := replace(f.path, append(text, '\n')); err != nil {
		return fmt.Errorf("cannot write the ports: %w", err)
	}
	return nil
}

// replace writes text to a new file, readable by its owner alone, and renames it
// to path.
func replace(path string, text []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name()) // it would only be left behind
	}
	return err
}
