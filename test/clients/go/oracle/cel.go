package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/ext"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	schemacel "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	kubernetesjson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/version"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/library"
)

var release = version.MajorMinor(1, 36)

// What expressions are compiled in and run with, until another is asked for.
var current struct {
	env       *cel.Env
	estimator *library.CostEstimator
	bindings  map[string]any
}

type variable struct {
	Name string `json:"name"`
	// As CEL writes it, e.g. `list(int)`.
	Type string `json:"type"`
	// An expression of its value, or JSON.
	Expression string          `json:"expression"`
	JSON       json.RawMessage `json:"json"`
}

type outcome struct {
	Fault string  `json:"fault,omitempty"`
	Type  string  `json:"type,omitempty"`
	Least float64 `json:"least"`
	Most  float64 `json:"most"`
	Value any     `json:"value,omitempty"`
	Error string  `json:"error,omitempty"`
	Cost  uint64  `json:"cost"`
}

func celEnvironment(asked question) (any, error) {
	structural, err := structuralOf(asked.Schema)
	if err != nil {
		return nil, err
	}
	self := model.SchemaDeclType(structural, false).MaybeAssignTypeName("selfType")
	options := []cel.EnvOption{cel.Variable("self", self.CelType())}
	for _, each := range asked.Variables {
		options = append(options, cel.Variable(each.Name, typeOf(each.Type)))
	}
	if asked.CelBind {
		options = append(options, ext.Bindings(ext.BindingsVersion(0)))
	}
	base := environment.MustBaseEnvSet(release)
	set, err := base.Extend(environment.VersionedOptions{IntroducedVersion: version.MajorMinor(1, 0), EnvOptions: options, DeclTypes: []*apiservercel.DeclType{self}})
	if err != nil {
		return nil, err
	}
	current.env = set.StoredExpressionsEnv()
	known := &sizes{self: self, others: map[string]bool{}}
	for _, each := range asked.Variables {
		known.others[each.Name] = true
	}
	current.estimator = &library.CostEstimator{SizeEstimator: known}
	var object any
	if err := kubernetesjson.Unmarshal(asked.Original, &object); err != nil {
		return nil, err
	}
	current.bindings = map[string]any{"self": schemacel.UnstructuredToVal(object, structural)}
	for _, each := range asked.Variables {
		if each.Expression != "" {
			value, err := valueOf(base.StoredExpressionsEnv(), each.Expression)
			if err != nil {
				return nil, err
			}
			current.bindings[each.Name] = value
			continue
		}
		var value any
		if err := kubernetesjson.Unmarshal(each.JSON, &value); err != nil {
			return nil, err
		}
		current.bindings[each.Name] = value
	}
	return true, nil
}

func structuralOf(text json.RawMessage) (*schema.Structural, error) {
	var published apiextensionsv1.JSONSchemaProps
	if err := json.Unmarshal(text, &published); err != nil {
		return nil, err
	}
	var internal apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&published, &internal, nil); err != nil {
		return nil, err
	}
	return schema.NewStructural(&internal)
}

func valueOf(env *cel.Env, text string) (ref.Val, error) {
	ast, issues := env.Compile(text)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	program, err := env.Program(ast)
	if err != nil {
		return nil, err
	}
	value, _, err := program.Eval(map[string]any{})
	return value, err
}

// One expression: why it is none, or its type, its costs and its value, or why it has none.
func celExpression(asked question) (any, error) {
	ast, issues := current.env.Compile(asked.Text)
	if issues != nil {
		return outcome{Fault: issues.String()}, nil
	}
	found := outcome{Type: cel.FormatCELType(ast.OutputType())}
	estimate, err := current.env.EstimateCost(ast, current.estimator)
	if err != nil {
		return nil, err
	}
	found.Least, found.Most = float64(estimate.Min), float64(estimate.Max)
	program, err := current.env.Program(ast, cel.CostLimit(uint64(asked.Limit)), cel.CostTracking(current.estimator), cel.InterruptCheckFrequency(100))
	if err != nil {
		return outcome{Fault: "program: " + err.Error()}, nil
	}
	value, details, err := program.ContextEval(context.Background(), current.bindings)
	if details != nil && details.ActualCost() != nil {
		found.Cost = *details.ActualCost()
	}
	if err != nil {
		found.Error = err.Error()
	} else {
		found.Value = shownValue(value)
	}
	return found, nil
}

// A value with its type; of a map in an order of its own.
func shownValue(value ref.Val) any {
	switch each := value.(type) {
	case types.Bool:
		return []any{"bool", bool(each)}
	case types.Int:
		return []any{"int", fmt.Sprint(int64(each))}
	case types.Uint:
		return []any{"uint", fmt.Sprint(uint64(each))}
	case types.Double:
		if math.IsNaN(float64(each)) {
			return []any{"double", "NaN"}
		}
		return []any{"double", fmt.Sprintf("%016x", math.Float64bits(float64(each)))}
	case types.String:
		return []any{"string", string(each)}
	case types.Bytes:
		return []any{"bytes", []byte(each)}
	case types.Null:
		return []any{"null"}
	case types.Timestamp:
		return []any{"timestamp", each.Time.UTC().Format(time.RFC3339Nano)}
	case types.Duration:
		return []any{"duration", fmt.Sprint(int64(each.Duration))}
	case *types.Optional:
		if !each.HasValue() {
			return []any{"none"}
		}
		return []any{"optional", shownValue(each.GetValue())}
	case *types.Err:
		return []any{"error", each.Error()}
	case ref.Type:
		return []any{"type", each.TypeName()}
	case traits.Lister:
		items := []any{"list"}
		for iterator := each.Iterator(); iterator.HasNext() == types.True; {
			items = append(items, shownValue(iterator.Next()))
		}
		return items
	case traits.Mapper:
		entries := map[string]any{}
		for iterator := each.Iterator(); iterator.HasNext() == types.True; {
			key := iterator.Next()
			shown, _ := json.Marshal(shownValue(key))
			entries[string(shown)] = shownValue(each.Get(key))
		}
		return []any{"map", entries}
	default:
		return []any{value.Type().TypeName()}
	}
}

// The type of a text such as `map(string, list(int))`.
func typeOf(text string) *cel.Type {
	known := map[string]*cel.Type{"dyn": cel.DynType, "any": cel.AnyType, "bool": cel.BoolType, "int": cel.IntType, "uint": cel.UintType, "double": cel.DoubleType, "string": cel.StringType, "bytes": cel.BytesType, "null": cel.NullType, "timestamp": cel.TimestampType, "duration": cel.DurationType}
	if found, ok := known[text]; ok {
		return found
	}
	name, inner, _ := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	switch name {
	case "list":
		return cel.ListType(typeOf(inner))
	case "optional_type":
		return cel.OptionalType(typeOf(inner))
	default:
		key, value, _ := strings.Cut(inner, ", ")
		return cel.MapType(typeOf(key), typeOf(value))
	}
}

// As the estimator of the rules of custom resources, which takes every name for `self`, but that there are other variables.
type sizes struct {
	self   *apiservercel.DeclType
	others map[string]bool
}

func (known *sizes) EstimateSize(element checker.AstNode) *checker.SizeEstimate {
	path := element.Path()
	if len(path) == 0 || known.others[path[0]] {
		return nil
	}
	at := known.self
	for _, name := range path[1:] {
		switch name {
		case "@items", "@values":
			at = at.ElemType
		case "@keys":
			at = at.KeyType
		default:
			field, ok := at.Fields[name]
			if !ok {
				return nil
			}
			at = field.Type
		}
		if at == nil {
			return nil
		}
	}
	return &checker.SizeEstimate{Min: 0, Max: uint64(at.MaxElements)}
}

func (known *sizes) EstimateCallCost(string, string, *checker.AstNode, []checker.AstNode) *checker.CallEstimate {
	return nil
}
