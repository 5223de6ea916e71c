// What an op of TensorFlow is written with: a class for its kernel, and one line that registers it.
//
// A kernel is a class with a constructor from OpAttributes, which reads what stands in the node, and
// `void compute(OpContext&) const`, which any number of threads may call at a time. Both throw OpError;
// TensorFlow gets it as a status.
#pragma once

#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "tensorflow_api.h"

// The loaded TensorFlow; its functions are null until sonogram_register_ops has found them.
extern TensorFlow tensorflow;

struct OpError {
  int code;  // TF_INVALID_ARGUMENT and so on
  std::string message;
};

// What the process as a whole was told when the ops were registered.
struct OpSettings {
  std::string isa;  // the instruction set that runs; empty: the fastest
  int threads = 1;  // of a call that may use several
};
const OpSettings& op_settings();

// A tensor of an op call, released with this object.
class OpTensor {
 public:
  explicit OpTensor(TF_Tensor* tensor) : tensor_(tensor) {}
  OpTensor(OpTensor&& other) noexcept : tensor_(other.tensor_) { other.tensor_ = nullptr; }
  OpTensor(const OpTensor&) = delete;
  OpTensor& operator=(const OpTensor&) = delete;
  ~OpTensor() {
    if (tensor_) tensorflow.TF_DeleteTensor(tensor_);
  }
  int dtype() const { return tensorflow.TF_TensorType(tensor_); }
  int rank() const { return tensorflow.TF_NumDims(tensor_); }
  int64_t dim(int axis) const { return tensorflow.TF_Dim(tensor_, axis); }
  int64_t elements() const {
    int64_t count = 1;
    for (int axis = 0; axis < rank(); ++axis) count *= dim(axis);
    return count;
  }
  template <typename T>
  T* data() const {
    return (T*)tensorflow.TF_TensorData(tensor_);
  }
  // The bytes of one element of a string tensor.
  std::string_view text(int64_t index) const;

 private:
  TF_Tensor* tensor_;
};

class OpAttributes {
 public:
  explicit OpAttributes(TF_OpKernelConstruction* construction) : construction_(construction) {}
  std::string string(const char* name) const;
  int64_t integer(const char* name) const;

 private:
  TF_OpKernelConstruction* construction_;
};

class OpContext {
 public:
  explicit OpContext(TF_OpKernelContext* context) : context_(context) {}
  int num_inputs() const { return tensorflow.TF_NumInputs(context_); }
  OpTensor input(int index) const;
  // The memory of an output: what is written there is the result.
  OpTensor output(int index, int dtype, const std::vector<int64_t>& dims) const;

 private:
  TF_OpKernelContext* context_;
};

// An op as TensorFlow is told of it, in the words of its op definitions ("samples: float").
struct Op {
  const char* name;
  std::vector<const char*> attributes, inputs, outputs;
  void* (*create)(TF_OpKernelConstruction*);
  void (*compute)(void*, TF_OpKernelContext*);
  void (*destroy)(void*);
};

void fail(TF_OpKernelConstruction* construction, const OpError& error);
void fail(TF_OpKernelContext* context, const OpError& error);

template <class Run, class Where>
void guard(Where* where, const Run& run) {
  try {
    run();
  } catch (const OpError& error) {
    fail(where, error);
  } catch (const std::bad_alloc&) {
    fail(where, {TF_RESOURCE_EXHAUSTED, "the native engine ran out of memory"});
  }
}

template <class Kernel>
Op make_op(const char* name, std::vector<const char*> attributes, std::vector<const char*> inputs,
           std::vector<const char*> outputs) {
  Op op = {name, std::move(attributes), std::move(inputs), std::move(outputs), nullptr, nullptr, nullptr};
  op.create = [](TF_OpKernelConstruction* construction) -> void* {
    Kernel* kernel = nullptr;
    guard(construction, [&] { kernel = new Kernel(OpAttributes(construction)); });
    return kernel;
  };
  op.compute = [](void* kernel, TF_OpKernelContext* context) {
    guard(context, [&] {
      OpContext call(context);
      ((const Kernel*)kernel)->compute(call);
    });
  };
  op.destroy = [](void* kernel) { delete (Kernel*)kernel; };
  return op;
}

// The ops, which tensorflow_op.cpp lists.
Op spectrogram_op();
Op decode_op();
Op decode_files_op();
Op resample_op();
