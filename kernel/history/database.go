package history

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
)

// The database has one bucket. A key is a session's number and a line, 8 bytes
// each, big-endian, so that keys are in the order of time as far as sessions are;
// a value is a record in JSON. The bucket's sequence is the number of the newest session.
var bucket = []byte("inputs")

// lockWait bounds the wait for another kernel that has the file open, which takes
// milliseconds when all is well.
const lockWait = 300 * time.Millisecond

type record struct {
	Input  string `json:"in"`
	Output string `json:"out,omitempty"`
}

var errNoPath = errors.New("no path")

// open calls use with the database and closes it. What a damaged file does inside
// the database's own code, also a page beyond its end, is an error.
func open(path string, readOnly bool, use func(*bbolt.DB) error) (err error) {
	if path == "" {
		return errNoPath
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("database is damaged (%v); remove it", fault)
		}
	}()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, ReadOnly: readOnly, FreelistType: bbolt.FreelistMapType})
	if errors.Is(err, bbolt.ErrTimeout) {
		return errors.New("database is locked by another process")
	}
	if err != nil {
		return err
	}
	err = use(db)
	return errors.Join(err, db.Close())
}

// write stores entries under a session, a new one if session is 0, and gives its number.
func write(path string, session int, entries []Entry) (int, error) {
	if path != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return 0, err
		}
	}
	err := open(path, false, func(db *bbolt.DB) error {
		return db.Update(func(tx *bbolt.Tx) error {
			inputs, err := tx.CreateBucketIfNotExists(bucket)
			if err != nil {
				return err
			}
			if session == 0 {
				number, err := inputs.NextSequence()
				if err != nil {
					return err
				}
				session = int(number)
			}
			return put(inputs, session, entries)
		})
	})
	return session, err
}

func put(inputs *bbolt.Bucket, session int, entries []Entry) error {
	for _, e := range entries {
		value, err := json.Marshal(record{e.Input, e.Output})
		if err != nil {
			return err
		}
		if err := inputs.Put(key(session, e.Line), value); err != nil {
			return err
		}
	}
	return nil
}

func key(session, line int) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(session)), uint64(line))
}

// read calls use with the number of the newest session and the entries, newest
// first, of all sessions up to and including the one asked for. Without a database
// it gives fs.ErrNotExist.
func read(path string, use func(newest int, upTo func(session int) iter.Seq[Entry])) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 { // or is being made, and not locked yet
		return fs.ErrNotExist
	}
	return open(path, true, func(db *bbolt.DB) error {
		return db.View(func(tx *bbolt.Tx) error {
			inputs := tx.Bucket(bucket)
			if inputs == nil {
				return fs.ErrNotExist
			}
			use(int(inputs.Sequence()), func(session int) iter.Seq[Entry] { return backwards(inputs.Cursor(), session) })
			return nil
		})
	})
}

// backwards gives entries from the last one of session to the first of all. An
// entry that cannot be read is left out.
func backwards(c *bbolt.Cursor, session int) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		k, v := c.Seek(key(session, math.MaxInt))
		if k == nil {
			k, v = c.Last()
		}
		for ; k != nil; k, v = c.Prev() {
			var r record
			if len(k) != 16 || json.Unmarshal(v, &r) != nil {
				continue
			}
			e := Entry{int(binary.BigEndian.Uint64(k)), int(binary.BigEndian.Uint64(k[8:])), r.Input, r.Output}
			if e.Session <= session && !yield(e) {
				return
			}
		}
	}
}
