package modules

import (
	"context"
	"strings"

	"interleave/interp/native/build"
)

// Require pins modules: each is path@version as the go command takes it, such as
// gonum.org/v1/gonum@v0.17.0 or @latest. The error is an *Error, or ctx's; the
// session is then as it was.
func (s *Session) Require(ctx context.Context, modules []string, say func(string)) error {
	ctx, end := s.begin(ctx)
	defer end()
	if err := s.setUp(ctx); ctx.Err() != nil {
		return ctx.Err()
	} else if err != nil {
		return &Error{"", err.Error()}
	}
	for _, m := range modules {
		path, version, ok := strings.Cut(m, "@")
		if !ok || path == "" || version == "" {
			return &Error{"", "%require takes path@version, such as %require golang.org/x/sync@v0.20.0: " + m + " is none"}
		}
	}
	before, err := s.save()
	if err != nil {
		return &Error{"", err.Error()}
	}
	if err := s.require(ctx, modules, newProgress(say)); err != nil {
		before.restore()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	return nil
}

func (s *Session) require(ctx context.Context, modules []string, p *progress) error {
	defer p.end()
	cmd := s.tools.Go(ctx, s.dir, append([]string{"get", "--"}, modules...)...)
	if _, err := s.tools.Run(ctx, cmd, p.fetched); err != nil {
		cmd = s.tools.Go(ctx, s.dir, append([]string{"get", "--"}, modules...)...)
		cmd.Env = append(cmd.Env, offline(s.env.modCache)...)
		if _, again := s.tools.Run(ctx, cmd, nil); again != nil {
			return &Error{"", "%require " + strings.Join(modules, " ") + ": " + explain(err.Error())}
		}
	}
	if len(s.roots) == 0 {
		return nil
	}
	list, err := s.tools.ListModules(ctx, build.ModuleRequest{Dir: s.dir, Paths: s.roots, Progress: p.fetched})
	if err != nil {
		return &Error{"", explain(err.Error())}
	}
	return s.sameVersions(list)
}
