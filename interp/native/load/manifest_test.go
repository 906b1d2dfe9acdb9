package load

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestManifest(t *testing.T) {
	so := filepath.Join(t.TempDir(), "cell.so")
	content := bytes.Repeat([]byte("code"), 1000)
	if err := os.WriteFile(so, content, 0o644); err != nil {
		t.Fatal(err)
	}
	if m, err := ReadManifest(so); m != nil || err != nil {
		t.Errorf("of a file that has none: %v, %v", m, err)
	}
	want := Manifest{Entry: "interleave/cells/c3.ꞋꞋUnit", Units: []string{"interleave/cells/c3", "id"}, Parts: []string{"expvar"}}
	if err := Seal(so, want); err != nil {
		t.Fatal(err)
	}
	m, err := ReadManifest(so)
	if err != nil || !reflect.DeepEqual(*m, want) {
		t.Errorf("got %v, %v", m, err)
	}
	sealedFile, err := os.ReadFile(so)
	if err != nil || !bytes.HasPrefix(sealedFile, content) {
		t.Errorf("what was there has changed: %v", err)
	}
	// Cut off anywhere or with a wrong length, it has none or is damaged; it is never
	// another one.
	tail := len(sealedFile) - len(sealed) - 4
	for name, data := range map[string][]byte{
		"empty": nil, "seal only": []byte(sealed), "cut": sealedFile[:len(sealedFile)-1],
		"long":     append(binary.LittleEndian.AppendUint32(bytes.Clone(sealedFile[:tail]), 1<<30), sealed...),
		"longer":   append(binary.LittleEndian.AppendUint32(bytes.Clone(sealedFile[:tail]), uint32(tail+1)), sealed...),
		"shifted":  append(binary.LittleEndian.AppendUint32(bytes.Clone(sealedFile[:tail]), 5), sealed...),
		"shifted2": append(binary.LittleEndian.AppendUint32(bytes.Clone(sealedFile[:tail]), uint32(tail)), sealed...),
	} {
		if err := os.WriteFile(so, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if m, err := ReadManifest(so); m != nil || err != nil && !strings.Contains(err.Error(), "is damaged: delete it") {
			t.Errorf("%s: %v, %v", name, m, err)
		}
	}
	if _, err := ReadManifest(so + "x"); err == nil || !strings.HasPrefix(err.Error(), "compiled cell: ") {
		t.Errorf("no file: %v", err)
	}
}

func TestFind(t *testing.T) {
	if p := find("no such symbol"); p != nil {
		t.Errorf("found at %p", p)
	}
	if p := find("interleave/interp/native/load.loaded"); p == nil {
		t.Error("a variable of this program is not found")
	}
}
