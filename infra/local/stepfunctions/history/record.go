package history

// Status is how an execution or a Map Run stands.
type Status string

// The statuses. A Map Run does not time out.
const (
	Running  Status = "RUNNING"
	Success  Status = "SUCCEEDED"
	Failure  Status = "FAILED"
	TimedOut Status = "TIMED_OUT"
	Abortion Status = "ABORTED"
)

// Header begins a log: what its executions run. A redrive uses the same.
type Header struct {
	MachineARN  string `json:"machine"`
	MachineName string `json:"machine_name"`
	Revision    string `json:"revision,omitempty"`
	Updated     int64  `json:"updated"` // when that definition came to be
	Role        string `json:"role"`
	Definition  string `json:"definition"`
	Name        string `json:"name"` // of the top-level execution
	TraceHeader string `json:"trace,omitempty"`
}

// Execution is a top-level execution (number 0) or a child of a Map Run.
type Execution struct {
	Number int    `json:"x"`
	MapRun int    `json:"m,omitempty"`  // number of the Map Run that it is a child of, from 1
	Index  int    `json:"ix,omitempty"` // among the Map Run's children
	Items  int    `json:"n,omitempty"`  // how many items it was given
	Status Status `json:"st"`

	Start        int64 `json:"start"` // milliseconds since 1970, as all times here
	Stop         int64 `json:"stop,omitempty"`
	RedriveCount int   `json:"rc,omitempty"`
	RedriveDate  int64 `json:"rd,omitempty"`

	Offsets []int64 `json:"o"` // where its events are, by their ids less one
}

// MapRun is one run of a Distributed Map.
type MapRun struct {
	Number int    `json:"m"` // from 1
	ID     string `json:"id"`
	Label  string `json:"label"`
	Parent int    `json:"x"` // number of the execution that it belongs to
	Status Status `json:"st"`

	Start        int64 `json:"start"`
	Stop         int64 `json:"stop,omitempty"`
	RedriveCount int   `json:"rc,omitempty"`
	RedriveDate  int64 `json:"rd,omitempty"`

	Items  int `json:"items"`  // in all its children together
	Length int `json:"length"` // how many children it has when all have started

	MaxConcurrency      int      `json:"conc"` // 0 is as many as there may be
	ToleratedCount      *int64   `json:"tc,omitempty"`
	ToleratedPercentage *float64 `json:"tp,omitempty"`
}

// Record is one line of a log. What must not be torn apart by a kill is in one record.
type Record struct {
	Header    *Header    `json:"header,omitempty"`
	Execution *Execution `json:"execution,omitempty"` // a child, new
	MapRun    *MapRun    `json:"map_run,omitempty"`   // new, or as it is now
	Event     *Event     `json:"e,omitempty"`
	Of        int        `json:"x,omitempty"` // whose event
	Index     *Index     `json:"index,omitempty"`
}
