package host

import (
	"interleave/demos"
	"interleave/demos/chart"
)

func (h *Host) Advise(job demos.Job, o demos.Options) *demos.Advice   { return &demos.Advice{Job: job} }
func advice(a *demos.Advice) (string, *chart.Figure)                  { return a.Take, nil }
func (h *Host) Landscape(o demos.Options) *demos.Atlas                { return &demos.Atlas{} }
func atlas(a *demos.Atlas) (string, *chart.Figure)                    { return a.Title, nil }
func (h *Host) python(job demos.Job, o demos.Options) []*demos.Result { return nil }
func (h *Host) Classic(name string, o demos.Options) *demos.Result    { return &demos.Result{} }
