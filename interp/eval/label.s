// This file lets goroutine.go declare a function without a body.
