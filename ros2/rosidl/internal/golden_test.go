package internal

import (
	"math"
	"reflect"
	"testing"

	"robotd/ros2/msg"
	"robotd/ros2/rosidl/internal/test_msgs"
	"robotd/ros2/rosidl/rosidltest"
)

var messages = []msg.Message{
	&test_msgs.Arrays{}, &test_msgs.BasicTypes{}, &test_msgs.BoundedPlainSequences{}, &test_msgs.BoundedSequences{},
	&test_msgs.Builtins{}, &test_msgs.Constants{}, &test_msgs.Defaults{}, &test_msgs.Empty{}, &test_msgs.MultiNested{},
	&test_msgs.Nested{}, &test_msgs.Strings{}, &test_msgs.UnboundedSequences{}, &test_msgs.WStrings{},
	&test_msgs.Arrays_Request{}, &test_msgs.Arrays_Response{}, &test_msgs.BasicTypes_Request{},
	&test_msgs.BasicTypes_Response{}, &test_msgs.Empty_Request{}, &test_msgs.Empty_Response{},
}

func TestHashesAreThoseOfROS(t *testing.T) {
	rosidltest.Hashes(t, "../testdata/hashes.tsv", messages,
		[]msg.Service{test_msgs.ArraysService, test_msgs.BasicTypesService, test_msgs.EmptyService})
}

func TestBytesAreThoseOfROS(t *testing.T) { rosidltest.Payloads(t, "../testdata/cdr.tsv", messages) }

func TestGeneratedCodeIsUpToDate(t *testing.T) {
	rosidltest.UpToDate(t, "idl", "../../msg/idl", ".", "robotd/ros2/rosidl/internal")
}

func TestDefaultsAndConstants(t *testing.T) {
	want := &test_msgs.Defaults{BoolValue: true, ByteValue: 50, CharValue: 100, Float32Value: 1.125, Float64Value: 1.125,
		Int8Value: -50, Uint8Value: 200, Int16Value: -1000, Uint16Value: 2000, Int32Value: -30000, Uint32Value: 60000,
		Int64Value: -40000000, Uint64Value: 50000000}
	if got := test_msgs.NewDefaults(); !reflect.DeepEqual(got, want) {
		t.Errorf("defaults %+v", got)
	}
	arrays := test_msgs.NewArrays()
	if arrays.DefaultsValues[2] != *want || arrays.Int64ValuesDefault[2] != math.MinInt64 {
		t.Errorf("defaults in arrays %+v", arrays)
	}
	strings := test_msgs.NewStrings()
	if strings.StringValueDefault4 != `Hello'world!` || strings.BoundedStringValueDefault5 != `Hello"world!` {
		t.Errorf("defaults of strings %+v", strings)
	}
	if test_msgs.NewWStrings().WstringValueDefault3 != "ハローワールド" {
		t.Error("default of a wide string")
	}
	if test_msgs.Constants_INT64_CONST != -40000000 || test_msgs.Strings_STRING_CONST != "Hello world!" || !test_msgs.Constants_BOOL_CONST {
		t.Error("constants")
	}
}
