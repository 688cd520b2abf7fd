// judge says what GitOps tools take objects for: Flux's by kstatus, Argo CD's by a health script.
//
// usage: judge HEALTH.LUA <OBJECTS.JSON, one object after the other; a line of JSON for each.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

type verdict struct {
	Kstatus     string `json:"kstatus"`
	Argo        string `json:"argo"`
	ArgoMessage string `json:"argoMessage"`
}

// As Argo CD's gitops-engine: what is being deleted never gets to the script.
func argo(script string, object *unstructured.Unstructured) (string, string, error) {
	if object.GetDeletionTimestamp() != nil {
		return "Progressing", "Pending deletion", nil
	}
	// The libraries that Argo CD opens for a script, but for its own os.
	vm := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer vm.Close()
	for name, open := range map[string]lua.LGFunction{
		lua.LoadLibName: lua.OpenPackage,
		lua.BaseLibName: lua.OpenBase,
		lua.TabLibName:  lua.OpenTable,
	} {
		vm.Push(vm.NewFunction(open))
		vm.Push(lua.LString(name))
		vm.Call(1, 0)
	}
	vm.SetGlobal("obj", luaValue(vm, object.Object))
	if err := vm.DoString(script); err != nil {
		return "", "", err
	}
	answer, ok := vm.Get(-1).(*lua.LTable)
	if !ok {
		return "", "", errors.New("the health script returned no table")
	}
	return answer.RawGetString("status").String(), answer.RawGetString("message").String(), nil
}

func luaValue(vm *lua.LState, value any) lua.LValue {
	switch typed := value.(type) {
	case bool:
		return lua.LBool(typed)
	case float64:
		return lua.LNumber(typed)
	case int64:
		return lua.LNumber(typed)
	case string:
		return lua.LString(typed)
	case []any:
		table := vm.CreateTable(len(typed), 0)
		for _, one := range typed {
			table.Append(luaValue(vm, one))
		}
		return table
	case map[string]any:
		table := vm.CreateTable(0, len(typed))
		for key, one := range typed {
			table.RawSetString(key, luaValue(vm, one))
		}
		return table
	}
	return lua.LNil
}

func judge(script string, object *unstructured.Unstructured) (verdict, error) {
	flux, err := status.Compute(object)
	if err != nil {
		return verdict{}, err
	}
	health, message, err := argo(script, object)
	return verdict{Kstatus: string(flux.Status), Argo: health, ArgoMessage: message}, err
}

func run() error {
	script, err := os.ReadFile(os.Args[1])
	if err != nil {
		return err
	}
	objects := json.NewDecoder(os.Stdin)
	verdicts := json.NewEncoder(os.Stdout)
	for {
		var text json.RawMessage
		if err := objects.Decode(&text); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(text); err != nil {
			return err
		}
		one, err := judge(string(script), object)
		if err != nil {
			return err
		}
		if err := verdicts.Encode(one); err != nil {
			return err
		}
	}
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(1)
	}
}
