package lambda

import (
	"encoding/json"
	"math"
	"time"
)

// maxLogTail is what LogType Tail returns (Lambda API Reference, Invoke).
const maxLogTail = 4 << 10

// A platformEvent is what Lambda itself writes to a function's log (Lambda
// Developer Guide, "Lambda Telemetry API Event schema reference"), at the default
// system log level, INFO.
type platformEvent struct {
	Time   string         `json:"time"`
	Type   string         `json:"type"`
	Record platformRecord `json:"record"`
}

type platformRecord struct {
	InitializationType string   `json:"initializationType,omitempty"`
	Phase              string   `json:"phase,omitempty"`
	FunctionName       string   `json:"functionName,omitempty"`
	FunctionVersion    string   `json:"functionVersion,omitempty"`
	RequestID          string   `json:"requestId,omitempty"`
	FunctionARN        string   `json:"functionArn,omitempty"`
	Version            string   `json:"version,omitempty"`
	Metrics            *metrics `json:"metrics,omitempty"`
	Status             status   `json:"status,omitempty"`
	ErrorType          string   `json:"errorType,omitempty"`
}

type metrics struct {
	DurationMS       float64 `json:"durationMs"`
	BilledDurationMS float64 `json:"billedDurationMs,omitempty"`
	MemorySizeMB     int     `json:"memorySizeMB,omitempty"`
	MaxMemoryUsedMB  int     `json:"maxMemoryUsedMB,omitempty"`
	InitDurationMS   float64 `json:"initDurationMs,omitempty"`
}

func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Microsecond)) / 1000
}

func (sb *sandbox) logInitStart() {
	sb.logPlatform("platform.initStart", platformRecord{
		InitializationType: "on-demand", Phase: "init", FunctionName: sb.function.Name, FunctionVersion: version,
	})
}

// logInitReport tells of a failed start; of a good one only platform.report does.
func (sb *sandbox) logInitReport(took time.Duration, as status, errorType string) {
	sb.logPlatform("platform.initReport", platformRecord{
		InitializationType: "on-demand", Phase: "init", Status: as, ErrorType: errorType,
		Metrics: &metrics{DurationMS: milliseconds(took)},
	})
}

func (sb *sandbox) logStart(inv *invocation) {
	sb.logPlatform("platform.start", platformRecord{RequestID: inv.id, FunctionARN: sb.function.arn, Version: version})
}

// logReport tells of an invocation's end; the time of the start is billed with
// the first one.
func (sb *sandbox) logReport(inv *invocation, end ending) {
	sb.mu.Lock()
	initDuration, peak := sb.initDuration, sb.peakMemoryMB
	sb.initDuration = 0
	sb.mu.Unlock()
	record := platformRecord{
		RequestID: inv.id, Status: end.status,
		Metrics: &metrics{
			DurationMS: milliseconds(end.duration), BilledDurationMS: math.Ceil(milliseconds(end.duration + initDuration)),
			MemorySizeMB: sb.function.MemoryMB, MaxMemoryUsedMB: peak, InitDurationMS: milliseconds(initDuration),
		},
	}
	if end.status.isError() {
		record.ErrorType = errorTypeOf(end.payload)
	}
	sb.logPlatform("platform.report", record)
}

func (sb *sandbox) logPlatform(eventType string, record platformRecord) {
	now := sb.service.options.Now().UTC()
	line, err := json.Marshal(platformEvent{now.Format("2006-01-02T15:04:05.000Z"), eventType, record})
	if err != nil {
		sb.complain("write "+eventType, err)
		return
	}
	sb.emit([]string{string(line)})
}

// emit writes lines to the sandbox's log stream.
func (sb *sandbox) emit(lines []string) {
	options := sb.service.options
	if err := options.Logs.Append(sb.function.LogGroup, sb.logStream, options.Now(), lines...); err != nil {
		sb.complain("write to the function's log", err)
	}
	sb.mu.Lock()
	defer sb.mu.Unlock()
	for _, line := range lines {
		sb.tail = append(append(sb.tail, line...), '\n')
	}
	sb.tail = sb.tail[max(len(sb.tail)-maxLogTail, 0):]
}

// complain logs trouble that no caller can be told of.
func (sb *sandbox) complain(doing string, err error) {
	sb.service.options.Logger.Error("the local Lambda has trouble", "doing", doing, "function", sb.function.Name, "log_stream", sb.logStream, "error", err)
}
