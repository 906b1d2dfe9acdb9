// Package history keeps the inputs of all sessions in one database, which several
// kernels share. A cell never waits for it: entries are written in the background,
// and the file is open only while something is read or written.
package history

import (
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	writeDelay = 500 * time.Millisecond // from an entry to its write; what comes within it shares one
	keepInMind = 10_000                 // entries kept in memory while the database cannot be written
)

// Entry is one input. Source: messaging.rst, history_reply.
type Entry struct {
	Session int    // from 1, in the order of first entries; 0: this one, which has no database
	Line    int    // execution count
	Input   string // source as the user typed it
	Output  string // text/plain of the result; empty where there was none
}

// Store is one session's view of the history. Its methods may be called from
// several goroutines.
type Store struct {
	path  string
	log   func(string)
	delay time.Duration

	database sync.Mutex // held while the database is in use; taken before mu
	session  int        // number of this session; 0 before its first write; guarded by database
	warned   bool       // the log was told that the database cannot be used; likewise

	mu      sync.Mutex // guards what follows; never held while waiting
	pending []Entry    // not written yet, oldest first
	timer   *time.Timer
}

// New gives a store over the database at path, which is made at the first write.
// log takes one line when the database cannot be used; then the session has its
// own history in memory, as it has with an empty path.
func New(path string, log func(string)) *Store {
	return &Store{path: path, log: log, delay: writeDelay}
}

// DefaultPath is ${XDG_DATA_HOME:-~/.local/share}/interleave/history.db, and empty
// where there is no home.
func DefaultPath() string {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "interleave", "history.db")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".local", "share", "interleave", "history.db")
}

// Add notes an entry of this session and returns at once.
func (s *Store) Add(line int, input, output string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(append(s.pending, Entry{Line: line, Input: input, Output: output}))
	if s.timer == nil && s.path != "" {
		s.timer = time.AfterFunc(s.delay, s.Flush) // ends by itself: its wait for the file is bounded
	}
}

// keep makes entries the pending ones, the newest where they are too many.
// s.mu is held.
func (s *Store) keep(entries []Entry) {
	s.pending = entries[max(0, len(entries)-keepInMind):]
}

// Flush writes what has not been written, if it can.
func (s *Store) Flush() {
	s.database.Lock()
	defer s.database.Unlock()
	_ = s.flush() // the log has been told
}

// flush is Flush with s.database held. Entries that cannot be written stay pending.
func (s *Store) flush() error {
	s.mu.Lock()
	batch := s.pending
	s.pending = nil
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	s.mu.Unlock()
	if len(batch) == 0 {
		return nil
	}
	session, err := write(s.path, s.session, batch)
	if err == nil {
		s.session = session
		return nil
	}
	s.mu.Lock()
	s.keep(append(batch, s.pending...))
	s.mu.Unlock()
	return s.warn(err)
}

// read is the database's read; that there is none yet is not worth a warning.
func (s *Store) read(use func(newest int, upTo func(session int) iter.Seq[Entry])) error {
	err := read(s.path, use)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return s.warn(err)
}

// warn tells the log once that the database cannot be used, and gives err.
// s.database is held.
func (s *Store) warn(err error) error {
	if !s.warned && s.path != "" {
		s.log("history " + s.path + ": " + err.Error() + ": keeping this session's inputs in memory")
	}
	s.warned = true
	return err
}
