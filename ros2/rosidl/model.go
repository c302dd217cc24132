// Package rosidl reads ROS 2 interface definitions (.msg, .srv), computes their type hashes (RIHS01, REP-2016) and writes Go
// types for them.
//
// The grammar is that of rosidl_adapter, which ROS itself parses these files with; the type description that is hashed is
// that of rosidl_generator_type_description.
package rosidl

import "fmt"

// Kind is a base type; the values are those of type_description_interfaces/msg/FieldType.
type Kind uint8

// The base types that .msg files can name. A char is a uint8 in ROS 2.
const (
	Nested         Kind = 1
	Int8           Kind = 2
	Uint8          Kind = 3
	Int16          Kind = 4
	Uint16         Kind = 5
	Int32          Kind = 6
	Uint32         Kind = 7
	Int64          Kind = 8
	Uint64         Kind = 9
	Float32        Kind = 10
	Float64        Kind = 11
	Bool           Kind = 15
	Byte           Kind = 16
	String         Kind = 17
	WString        Kind = 18
	BoundedString  Kind = 21
	BoundedWString Kind = 22
)

// Form says how many of the base type a field holds; the values are added to Kind in a type description.
type Form uint8

// The forms of a field.
const (
	Single    Form = 0
	Array     Form = 48
	Bounded   Form = 96
	Unbounded Form = 144
)

// Type is the type of a field.
type Type struct {
	Kind      Kind
	Form      Form
	Len       int    // elements of an Array, at most of a Bounded sequence
	StringMax int    // bound of a bounded string: bytes, or UTF-16 units of a wide one
	Nested    string // full name of a nested type: "std_msgs/msg/Header"
}

// id is the type's number in a type description.
func (t Type) id() int { return int(t.Kind) + int(t.Form) }

// Value is the value of a constant or a default: bool, int64, uint64, float64 or string, or for defaults of arrays and
// sequences []Value.
type Value any

// Constant is a named value of a message.
type Constant struct {
	Name    string
	Kind    Kind
	Value   Value
	Comment []string
}

// Field is a member of a message.
type Field struct {
	Name    string
	Type    Type
	Default Value // nil if there is none
	Comment []string
}

// Message is one structure.
type Message struct {
	Name      string // "sensor_msgs/msg/JointState", "std_srvs/srv/Trigger_Request"
	Comment   []string
	Constants []Constant
	Fields    []Field
}

// Service is a request and its response, and the event that reports them.
type Service struct {
	Name     string // "std_srvs/srv/Trigger"
	Comment  []string
	Request  *Message
	Response *Message
	Event    *Message
}

// Set is a number of packages' definitions, by full name.
type Set struct {
	Messages map[string]*Message
	Services map[string]*Service
}

// dummyField is what an empty structure has, on the wire and in its description.
var dummyField = Field{Name: "structure_needs_at_least_one_member", Type: Type{Kind: Uint8}}

// wireFields returns the fields as they are described and sent: an empty structure has one.
func (m *Message) wireFields() []Field {
	if len(m.Fields) == 0 {
		return []Field{dummyField}
	}
	return m.Fields
}

// SyntaxError says where a definition is wrong, and how.
type SyntaxError struct {
	File  string
	Line  int
	Cause string
}

// Error implements error.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Cause) }
