package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"sync"
)

// schemes are the signature schemes that a connection file may ask for.
var schemes = map[string]func() hash.Hash{
	"hmac-sha256": sha256.New,
	"hmac-sha384": sha512.New384,
	"hmac-sha512": sha512.New,
}

// remembered is how many signatures are kept to tell a repeated one: at least
// so many, at most twice as many.
const remembered = 1 << 15

// Errors of Signer.Verify.
var (
	ErrSignature = errors.New("the signature is wrong")
	ErrRepeated  = errors.New("the signature was seen before")
)

// Signer signs messages and verifies signatures. It may be used from several
// goroutines.
type Signer struct {
	macs *sync.Pool // of hash.Hash; nil without a key

	mu        sync.Mutex
	seen, old map[digest]struct{}
}

// digest is the beginning of a signature, enough to know it again.
type digest [16]byte

// NewSigner returns a signer for a connection file's signature_scheme and key.
// With an empty key nothing is signed and everything is accepted.
func NewSigner(scheme string, key []byte) (*Signer, error) {
	s := &Signer{seen: map[digest]struct{}{}}
	if len(key) == 0 {
		return s, nil
	}
	sum, ok := schemes[scheme]
	if !ok {
		return nil, fmt.Errorf("wire: signature scheme %q: want hmac-sha256", scheme)
	}
	s.macs = &sync.Pool{New: func() any { return hmac.New(sum, key) }}
	return s, nil
}

// Sign returns the signature of parts in hexadecimal, empty without a key.
func (s *Signer) Sign(parts ...[]byte) []byte {
	if s.macs == nil {
		return nil
	}
	return hex.AppendEncode(nil, s.sum(parts))
}

// Verify returns ErrSignature unless signature is that of parts, compared in
// constant time, and ErrRepeated when it verified before.
func (s *Signer) Verify(signature []byte, parts ...[]byte) error {
	if s.macs == nil {
		return nil
	}
	got, err := hex.AppendDecode(nil, signature)
	if err != nil || !hmac.Equal(got, s.sum(parts)) {
		return ErrSignature
	}
	if !s.first(digest(got)) {
		return ErrRepeated
	}
	return nil
}

func (s *Signer) sum(parts [][]byte) []byte {
	mac := s.macs.Get().(hash.Hash)
	defer s.macs.Put(mac)
	mac.Reset()
	for _, p := range parts {
		mac.Write(p)
	}
	return mac.Sum(nil)
}

// first remembers d and tells whether it is new. Two generations bound what is
// remembered: when the younger is full, the older is forgotten.
func (s *Signer) first(d digest) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.seen[d]; ok {
		return false
	}
	if _, ok := s.old[d]; ok {
		return false
	}
	if len(s.seen) == remembered {
		s.old, s.seen = s.seen, map[digest]struct{}{}
	}
	s.seen[d] = struct{}{}
	return true
}
