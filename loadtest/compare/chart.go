package main

import (
	"fmt"
	"image/color"
	"os"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Okabe and Ito's colours, which colour-blind people can tell apart, too.
var colors = map[string]color.Color{
	muster: color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff},
	golang: color.RGBA{R: 0xe6, G: 0x9f, B: 0x00, A: 0xff},
	lura:   color.RGBA{R: 0x99, G: 0x99, B: 0x99, A: 0xff},
}

// chart draws CPU time per profile and p99 of all sides, side by side.
func chart(f *findings, file string) error {
	cpu, err := bars(f, "CPU per profile, µs", cpuOfTurn)
	if err != nil {
		return err
	}
	late, err := bars(f, "p99, closed loop, ms", func(t turn) float64 { return p99OfTurn(t) / 1e3 })
	if err != nil {
		return err
	}
	canvas := vgsvg.New(22*vg.Centimeter, 9*vg.Centimeter)
	plots := [][]*plot.Plot{{cpu, late}}
	tiles := draw.Tiles{Rows: 1, Cols: 2, PadX: vg.Centimeter, PadTop: vg.Millimeter, PadBottom: vg.Millimeter, PadLeft: vg.Millimeter, PadRight: vg.Millimeter}
	for i, on := range plot.Align(plots, tiles, draw.New(canvas))[0] {
		plots[0][i].Draw(on)
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	_, err = canvas.WriteTo(out)
	return err
}

// bars is a group for each shape of load, with a bar for each side: the median of a value of its turns.
func bars(f *findings, title string, value func(turn) float64) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = title
	p.Y.Min = 0
	p.Legend.Top, p.Legend.Left = true, true
	width := vg.Points(13)
	for i, name := range sides {
		var medians plotter.Values
		for _, of := range f.plan.shapes {
			medians = append(medians, median(each(f.turns[of][name], value)))
		}
		chart, err := plotter.NewBarChart(medians, width)
		if err != nil {
			return nil, err
		}
		chart.Color = colors[name]
		chart.LineStyle.Width = 0
		chart.Offset = vg.Length(i-1) * width
		p.Add(chart)
		p.Legend.Add(name, chart)
	}
	var groups []string
	for _, of := range f.plan.shapes {
		groups = append(groups, fmt.Sprintf("%d\n%.1f kB", of.connections, float64(f.sizes[of])/1e3))
	}
	p.NominalX(groups...)
	// Room for the legend.
	p.Y.Max *= 1.35
	return p, nil
}
