package dynamodb

import "encoding/binary"

// maxSegments is how many segments a parallel scan can have (API Reference, Scan).
const maxSegments = 1_000_000

type scanRequest struct {
	readParameters
	Segment       *int
	TotalSegments *int
}

func (s *Server) scan(request scanRequest) (pageAnswer, error) {
	if err := request.validateScan(); err != nil {
		return pageAnswer{}, err
	}
	scope, err := request.scope(
		expressionParameter{"ProjectionExpression", request.ProjectionExpression},
		expressionParameter{"FilterExpression", request.FilterExpression})
	if err != nil {
		return pageAnswer{}, err
	}
	r, err := s.begin(&request.readParameters, scope)
	if err != nil {
		return pageAnswer{}, err
	}
	outside := invalid("The provided starting key is outside the scanned range")
	if request.TotalSegments != nil {
		r.span = segmentSpan(*request.Segment, *request.TotalSegments)
		outside = invalid("The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: %d Segment: %d", *request.TotalSegments, *request.Segment)
	}
	if err := r.startAfter(request.ExclusiveStartKey, outside); err != nil {
		return pageAnswer{}, err
	}
	return r.page()
}

func (r *scanRequest) validateScan() error {
	var c constraints
	c.between("segment", r.Segment, 0, maxSegments-1)
	c.between("totalSegments", r.TotalSegments, 1, maxSegments)
	if err := r.validate(&c); err != nil {
		return err
	}
	switch {
	case r.Segment == nil && r.TotalSegments == nil:
		return nil
	case r.TotalSegments == nil:
		return invalid("The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
	case r.Segment == nil:
		return invalid("The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
	case *r.Segment >= *r.TotalSegments:
		return invalid("The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: %d is not less than TotalSegments: %d", *r.Segment, *r.TotalSegments)
	}
	return nil
}

// segmentSpan cuts the stored keys, which begin with evenly scattered hashes, into
// equal parts.
func segmentSpan(segment, total int) span {
	bound := func(i int) string {
		first := (uint64(i)<<(8*scatterBytes) + uint64(total) - 1) / uint64(total)
		return string(binary.BigEndian.AppendUint32(nil, uint32(first)))
	}
	if segment == total-1 {
		return span{low: bound(segment)}
	}
	return span{bound(segment), bound(segment + 1)}
}
