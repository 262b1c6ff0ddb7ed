package nasbench

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The proto2 messages of NAS-Bench-101 (model_metrics.proto):
//
//	ModelMetrics   { repeated EvaluationData evaluation_data = 1;
//	                 optional int32 trainable_parameters = 2;
//	                 optional double total_time = 3; }
//	EvaluationData { optional double current_epoch = 1, training_time = 2,
//	                 train_accuracy = 3, validation_accuracy = 4,
//	                 test_accuracy = 5; optional string checkpoint_path = 6; }
//
// Other fields are skipped, as protocol buffers require; tables retrained by
// others carry some. checkpoint_path is a path on the machine that trained and
// is skipped too (where a retrained table uses field 6 for a number, all the
// more).

// points is the number of evaluations of a record: start, half-way and end.
const points = 3

// metrics is a decoded ModelMetrics. Values that are not stored are NaN.
type metrics struct {
	evaluations int
	values      [points]evaluationValues
	parameters  int32 // 0 where not stored
	totalTime   float64
}

// evaluationValues are the fields 1 to 5 of EvaluationData, in order.
type evaluationValues [5]float64

var missing = math.NaN()

// Wire types of protocol buffers.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireStart   = 3
	wireEnd     = 4
	wireFixed32 = 5
)

var errProtoEnd = errors.New("the message ends inside a field")

// decodeMetrics decodes a ModelMetrics.
func decodeMetrics(b []byte) (metrics, error) {
	m := metrics{totalTime: missing}
	p := proto{b: b}
	for len(p.b) > 0 {
		field, wire, err := p.tag()
		if err != nil {
			return m, err
		}
		switch field {
		case 1:
			sub, err := p.bytes(wire, "evaluation_data")
			if err != nil {
				return m, err
			}
			if m.evaluations == points {
				return m, fmt.Errorf("more than %d evaluations (want start, half-way and end)", points)
			}
			if m.values[m.evaluations], err = decodeEvaluation(sub); err != nil {
				return m, fmt.Errorf("evaluation %d: %w", m.evaluations, err)
			}
			m.evaluations++
		case 2:
			v, err := p.varintField(wire, "trainable_parameters")
			if err != nil {
				return m, err
			}
			m.parameters = int32(v)
		case 3:
			if m.totalTime, err = p.double(wire, "total_time"); err != nil {
				return m, err
			}
		default:
			if err := p.skip(field, wire, 0); err != nil {
				return m, err
			}
		}
	}
	if m.evaluations != points {
		return m, fmt.Errorf("%d evaluations, want %d (start, half-way and end)", m.evaluations, points)
	}
	return m, nil
}

var evaluationFields = [...]string{"current_epoch", "training_time", "train_accuracy", "validation_accuracy", "test_accuracy"}

func decodeEvaluation(b []byte) (evaluationValues, error) {
	v := evaluationValues{missing, missing, missing, missing, missing}
	p := proto{b: b}
	for len(p.b) > 0 {
		field, wire, err := p.tag()
		if err != nil {
			return v, err
		}
		if field >= 1 && field <= uint64(len(v)) {
			v[field-1], err = p.double(wire, evaluationFields[field-1])
		} else {
			err = p.skip(field, wire, 0)
		}
		if err != nil {
			return v, err
		}
	}
	return v, nil
}

// proto is a cursor over an encoded message.
type proto struct{ b []byte }

func (p *proto) varint() (uint64, error) {
	if len(p.b) > 0 && p.b[0] < 0x80 {
		v := p.b[0]
		p.b = p.b[1:]
		return uint64(v), nil
	}
	v, n := binary.Uvarint(p.b)
	if n == 0 {
		return 0, errProtoEnd
	}
	if n < 0 {
		return 0, errors.New("a number of more than 64 bits")
	}
	p.b = p.b[n:]
	return v, nil
}

func (p *proto) tag() (field, wire uint64, err error) {
	t, err := p.varint()
	if err != nil {
		return 0, 0, err
	}
	field, wire = t>>3, t&7
	if field == 0 || t > math.MaxUint32 {
		return 0, 0, fmt.Errorf("field number %d", field)
	}
	return field, wire, nil
}

func wrongWire(name string, wire uint64) error {
	return fmt.Errorf("field %s has wire type %d", name, wire)
}

func (p *proto) double(wire uint64, name string) (float64, error) {
	if wire != wireFixed64 {
		return 0, wrongWire(name, wire)
	}
	if len(p.b) < 8 {
		return 0, errProtoEnd
	}
	v := math.Float64frombits(binary.LittleEndian.Uint64(p.b))
	p.b = p.b[8:]
	return v, nil
}

func (p *proto) varintField(wire uint64, name string) (uint64, error) {
	if wire != wireVarint {
		return 0, wrongWire(name, wire)
	}
	return p.varint()
}

func (p *proto) bytes(wire uint64, name string) ([]byte, error) {
	if wire != wireBytes {
		return nil, wrongWire(name, wire)
	}
	n, err := p.varint()
	if err != nil {
		return nil, err
	}
	if n > uint64(len(p.b)) {
		return nil, errProtoEnd
	}
	v := p.b[:n]
	p.b = p.b[n:]
	return v, nil
}

// skip passes over the value of an unknown field.
func (p *proto) skip(field, wire uint64, depth int) error {
	n := 0
	switch wire {
	case wireVarint:
		_, err := p.varint()
		return err
	case wireFixed64:
		n = 8
	case wireFixed32:
		n = 4
	case wireBytes:
		_, err := p.bytes(wire, "")
		return err
	case wireStart:
		return p.skipGroup(field, depth+1)
	default:
		return fmt.Errorf("field %d has wire type %d", field, wire)
	}
	if len(p.b) < n {
		return errProtoEnd
	}
	p.b = p.b[n:]
	return nil
}

func (p *proto) skipGroup(field uint64, depth int) error {
	const maxDepth = 100
	if depth > maxDepth {
		return fmt.Errorf("groups more than %d deep", maxDepth)
	}
	for {
		f, wire, err := p.tag()
		if err != nil {
			return err
		}
		if wire == wireEnd {
			if f != field {
				return fmt.Errorf("group %d ends as group %d", field, f)
			}
			return nil
		}
		if err := p.skip(f, wire, depth); err != nil {
			return err
		}
	}
}

// appendMetrics appends m, which has all its evaluations, in the layout of the
// published files.
func appendMetrics(dst []byte, m *metrics) []byte {
	double := func(dst []byte, field byte, v float64) []byte {
		return binary.LittleEndian.AppendUint64(append(dst, field<<3|wireFixed64), math.Float64bits(v))
	}
	for _, e := range m.values[:m.evaluations] {
		dst = append(dst, 1<<3|wireBytes, byte(9*len(e)))
		for i, v := range e {
			dst = double(dst, byte(i+1), v)
		}
	}
	dst = binary.AppendUvarint(append(dst, 2<<3|wireVarint), uint64(m.parameters))
	return double(dst, 3, m.totalTime)
}
