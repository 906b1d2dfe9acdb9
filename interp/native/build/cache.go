package build

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"interleave/interp/cachedir"
)

// An entry of the cache is a folder, named by a hash of all that its file
// depends on, with that file and a line that tells its size and time. It appears
// whole, by a rename, so that several kernels may build the same at once.
//
// cached gives the file called name of the entry for what; where there is none,
// make is called to write it in a folder of its own.
func (t *Toolchain) cached(ctx context.Context, name string, what []string, make maker) (file string, hit bool, err error) {
	key := digest(what)
	if file, hit, err = t.find(ctx, name, key, make); err == nil {
		t.remember(file, func(ctx context.Context) error {
			_, _, err := t.find(ctx, name, key, make)
			return err
		})
	}
	return file, hit, err
}

// A maker writes a file to a folder.
type maker func(ctx context.Context, work string) error

// remember notes how a file is made again.
func (t *Toolchain) remember(file string, again func(context.Context) error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.recipes == nil {
		t.recipes = map[string]int{}
	}
	if _, known := t.recipes[file]; !known {
		t.recipes[file] = len(t.again)
		t.again = append(t.again, again)
	}
}

// Mend makes files that were built by t again where they were damaged or removed since,
// and then all that was. Other files are left alone.
func (t *Toolchain) Mend(ctx context.Context, files []string) error {
	t.mu.Lock()
	damaged := slices.ContainsFunc(files, func(file string) bool {
		_, ours := t.recipes[file]
		return ours && !whole(file)
	})
	all := slices.Clone(t.again)
	t.mu.Unlock()
	if !damaged {
		return nil
	}
	for _, again := range all { // what others are made of comes first
		if err := again(ctx); err != nil {
			return err
		}
	}
	return nil
}

// find is cached, for what has that digest, but that it remembers nothing.
func (t *Toolchain) find(ctx context.Context, name, key string, make maker) (file string, hit bool, err error) {
	dir := filepath.Join(t.cells, key[:2], key[2:])
	file = filepath.Join(dir, name)
	if whole(file) {
		cachedir.Touch(filepath.Join(dir, "whole")) // it is still used: see trim
		return file, true, nil
	}
	if err := cachedir.MkdirAll(t.cache, t.cells); err != nil {
		return "", false, t.cacheError(err)
	}
	if now := time.Now(); t.dueToTrim(now) {
		t.trim(now, limit)
		t.trimOthers(now)
	}
	work, err := os.MkdirTemp(t.cells, "work-")
	if err != nil {
		return "", false, t.cacheError(err)
	}
	defer os.RemoveAll(work)
	if err = make(ctx, work); err == nil {
		err = t.keep(work, dir, name)
	}
	switch {
	case err == nil:
		return file, false, nil
	case ctx.Err() != nil:
		return "", false, ctx.Err()
	case full(err):
		return "", false, t.cacheError(syscall.ENOSPC)
	}
	var path *fs.PathError
	var link *os.LinkError
	if errors.As(err, &path) || errors.As(err, &link) {
		err = t.cacheError(err)
	}
	return "", false, err
}

// full tells whether err is that of a full disk: a tool only says so in words.
func full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || strings.Contains(err.Error(), syscall.ENOSPC.Error())
}

// cacheError words that the cache cannot be written.
func (t *Toolchain) cacheError(err error) error {
	if full(err) {
		return fmt.Errorf("cache of compiled cells: the disk is full: make room, or delete the folder %s: it is made again", t.cells)
	}
	return fmt.Errorf("cache of compiled cells: %w: see to it that %s can be written", err, t.cells)
}

// keep moves the file called name in work to the new entry dir.
func (t *Toolchain) keep(work, dir, name string) error {
	entry := filepath.Join(work, "entry")
	if err := os.Mkdir(entry, 0o755); err != nil {
		return err
	}
	file := filepath.Join(entry, name)
	if err := os.Rename(filepath.Join(work, name), file); err != nil {
		return err
	}
	stamp, err := stampOf(file)
	if err != nil {
		return err
	}
	stamped := filepath.Join(entry, "whole")
	if err := os.WriteFile(stamped, []byte(stamp), 0o644); err != nil {
		return err
	}
	if err := errors.Join(cachedir.Share(t.cache, entry, file, stamped), cachedir.MkdirAll(t.cache, filepath.Dir(dir))); err != nil {
		return err
	}
	for range 3 { // another kernel may be faster, and what is there damaged
		if err = os.Rename(entry, dir); err == nil || whole(filepath.Join(dir, name)) {
			return nil
		}
		os.RemoveAll(dir)
	}
	return err
}

// whole tells whether file is as it was when its entry was made.
func whole(file string) bool {
	want, err := os.ReadFile(filepath.Join(filepath.Dir(file), "whole"))
	if err != nil {
		return false
	}
	have, err := stampOf(file)
	return err == nil && have == string(want)
}

// digest gives a hash of what, as text; no two lists have the same.
func digest(what []string) string {
	h := sha256.New()
	for _, s := range what {
		fmt.Fprintf(h, "%d %s", len(s), s)
	}
	return fmt.Sprintf("%x", h.Sum(nil))[:40]
}

// identity tells an archive from others: one of the cache by its name, since that
// holds a hash of all it was made from, any other one by its content.
func (t *Toolchain) identity(archive string) (string, error) {
	if strings.HasPrefix(archive, t.cells+string(filepath.Separator)) {
		return archive, nil
	}
	data, err := os.ReadFile(archive)
	if err != nil {
		return "", err
	}
	return digest([]string{string(data)}), nil
}

// An entry stays for unused after it was last asked for, which is what the go
// command grants its own; for aDay when all newer ones take more than limit bytes,
// and for anHour when they take four times as much: a cell that uses net/http
// takes ten million, when it is linked in the ordinary way. What belongs to another
// toolchain stays for abandoned.
const (
	abandoned = 30 * 24 * time.Hour
	unused    = 5 * 24 * time.Hour
	aDay      = 24 * time.Hour
	anHour    = time.Hour
	limit     = 2 << 30
)

// trimEvery is how long the cache is left alone after it was trimmed: looking at
// thousands of entries takes a tenth of a second.
const trimEvery = time.Hour

// dueToTrim tells whether to trim now, and notes for all kernels that it is done.
func (t *Toolchain) dueToTrim(now time.Time) bool {
	stamp := filepath.Join(t.cells, "trimmed")
	if st, err := os.Stat(stamp); err == nil && now.Sub(st.ModTime()) < trimEvery {
		return false
	}
	return os.WriteFile(stamp, nil, 0o644) == nil && cachedir.Share(t.cache, stamp) == nil
}

// trim removes entries by that rule, and what builds that were broken off left
// behind.
func (t *Toolchain) trim(now time.Time, limit int64) {
	type entry struct {
		dir  string
		used time.Time
		size int64
	}
	var entries []entry
	add := func(dir, dated string) {
		if st, err := os.Stat(dated); err == nil {
			entries = append(entries, entry{dir, st.ModTime(), sizeOf(dir)})
		}
	}
	whole, _ := filepath.Glob(filepath.Join(t.cells, "??/*/whole"))
	for _, file := range whole {
		add(filepath.Dir(file), file)
	}
	// The linker dates files in there with the beginning of time.
	broken, _ := filepath.Glob(filepath.Join(t.cells, "work-*"))
	for _, dir := range broken {
		add(dir, dir)
	}
	slices.SortFunc(entries, func(a, b entry) int { return b.used.Compare(a.used) })
	var sum int64
	for _, e := range entries {
		sum += e.size
		if age := now.Sub(e.used); age > unused || age > aDay && sum > limit || age > anHour && sum > 4*limit {
			os.RemoveAll(e.dir)
		}
	}
}

// trimOthers removes what other toolchains made, the one before an upgrade above
// all, when none of them built anything for long.
func (t *Toolchain) trimOthers(now time.Time) {
	others, _ := filepath.Glob(filepath.Join(filepath.Dir(t.dir), "native-*"))
	for _, dir := range others {
		if st, err := os.Stat(filepath.Join(dir, "cells", "trimmed")); err == nil && dir != t.dir && now.Sub(st.ModTime()) > abandoned {
			os.RemoveAll(dir)
		}
	}
}

// sizeOf gives the bytes of the files in dir, as far as it can be read.
func sizeOf(dir string) (n int64) {
	files, _ := os.ReadDir(dir)
	for _, file := range files {
		if st, err := file.Info(); err == nil {
			n += st.Size()
		}
	}
	return n
}
