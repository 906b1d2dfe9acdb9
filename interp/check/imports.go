package check

// HasImport tells whether a cell of the session has imported path, by a name.
func (s *Session) HasImport(path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.imports {
		if p == path {
			return true
		}
	}
	return false
}
