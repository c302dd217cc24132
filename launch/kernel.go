package launch

import (
	"fmt"

	"robotd/internal/tensor"
)

// KernelChoice says why the kernels that ROBOTD_KERNEL asks for cannot be used; nil when they are.
func KernelChoice() error {
	if err := tensor.ChoiceError(); err != nil {
		return fmt.Errorf("%w; unset %s to let the processor choose", err, tensor.KernelEnv)
	}
	return nil
}
