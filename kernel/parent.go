package kernel

import (
	"context"
	"os"
	"strconv"
	"time"
)

// parentEnv holds the process id of the server that started the kernel.
const parentEnv = "JPY_PARENT_PID"

// watchParent ends the kernel when the server that started it has gone without a
// shutdown_request: a kernel nobody can reach would run for ever. A kernel whose
// parent is somebody else, such as a shell between the two, is left alone. It
// returns with ctx.
func watchParent(ctx context.Context, quit func(), look time.Duration) {
	parent, err := strconv.Atoi(os.Getenv(parentEnv))
	if err != nil || os.Getppid() != parent {
		return
	}
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if os.Getppid() != parent {
				quit()
				return
			}
		}
	}
}
