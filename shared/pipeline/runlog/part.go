package runlog

// Part gathers the lines of one invocation out of its sandbox's stream. A sandbox does
// one invocation at a time, so the part is what stands between the start of the
// request and the start of the next (Lambda Developer Guide, "Lambda Telemetry API
// Event schema reference": platform.start, platform.report).
type Part struct {
	Request string // the invocation's request id
	Inside  bool   // its start has been seen
	Over    bool   // its end has been seen
}

// Take tells of the next lines of the stream which are the invocation's.
func (p *Part) Take(lines []Line) []Line {
	var taken []Line
	for _, line := range lines {
		if p.Over {
			break
		}
		request := line.Field("requestId")
		if line.Kind == Platform && line.Message == "platform.start" {
			p.Over = p.Inside && request != p.Request
			p.Inside = request == p.Request
		}
		if !p.Inside || p.Over {
			continue
		}
		taken = append(taken, line)
		if line.Kind == Platform && line.Message == "platform.report" && request == p.Request {
			p.Over = true
		}
	}
	return taken
}
