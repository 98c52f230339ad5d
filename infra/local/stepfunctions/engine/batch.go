package engine

import (
	"encoding/json"
)

// batch groups items by number and by bytes (Developer Guide, "ItemBatcher").
func (v *visit) batch(run *MapRun, input any, items []any) error {
	batcher := v.state.Batcher
	maxItems, byItems, err := v.integerOf(batcher.MaxItems, "MaxItemsPerBatchPath", batcher.MaxItemsPath, input)
	if err != nil {
		return err
	}
	maxBytes, byBytes, err := v.integerOf(batcher.MaxInputBytes, "MaxInputBytesPerBatchPath", batcher.MaxBytesPath, input)
	if err != nil {
		return err
	}
	if (byItems && maxItems == 0) || (byBytes && maxBytes == 0) {
		return runtimeError("The ItemBatcher's limits must be greater than 0.")
	}
	if !byBytes || maxBytes > MaxDataBytes {
		maxBytes = MaxDataBytes
	}
	var common any
	if batcher.BatchInput != nil {
		if common, err = batcher.BatchInput.Evaluate(v.over(input)); err != nil {
			return err
		}
	}
	b := batches{visit: v, input: input, items: items, common: common}
	if !byItems {
		maxItems = int64(len(items))
	}
	if err := b.split(int(maxItems), int(maxBytes)); err != nil {
		return err
	}
	run.Sizes, run.Input = b.sizes, b.text
	return nil
}

// batches are groups of items that follow one another.
type batches struct {
	*visit
	input  any
	items  []any
	common any // BatchInput
	first  []int
	sizes  []int
}

func (b *batches) split(maxItems, maxBytes int) error {
	empty, err := encode(b.wrap([]any{}))
	if err != nil {
		return err
	}
	bytes := 0
	for i := range b.items {
		value, _, err := b.selected(b.input, b.items[i], i)
		if err != nil {
			return err
		}
		text, err := encode(value)
		if err != nil {
			return err
		}
		size := len(text.text) + 1 // and a comma
		if len(empty.text)+size > maxBytes {
			return runtimeError("Item %d is too large for a batch of %d bytes.", i, maxBytes)
		}
		last := len(b.sizes) - 1
		if last < 0 || b.sizes[last] >= maxItems || len(empty.text)+bytes+size > maxBytes {
			b.first, b.sizes = append(b.first, i), append(b.sizes, 0)
			last, bytes = last+1, 0
		}
		b.sizes[last]++
		bytes += size
	}
	return nil
}

func (b *batches) wrap(items []any) map[string]any {
	batch := map[string]any{"Items": items}
	if b.common != nil {
		batch["BatchInput"] = b.common
	}
	return batch
}

func (b *batches) text(child int) (json.RawMessage, error) {
	items := make([]any, b.sizes[child])
	for i := range items {
		index := b.first[child] + i
		var err error
		if items[i], _, err = b.selected(b.input, b.items[index], index); err != nil {
			return nil, b.explain(err)
		}
	}
	passed, err := b.data(b.wrap(items))
	return passed.text, err
}
