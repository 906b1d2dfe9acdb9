package build

// Prepared tells whether Prepare was called for this toolchain.
func (t *Toolchain) Prepared() bool {
	_, err := t.library()
	return err == nil
}
