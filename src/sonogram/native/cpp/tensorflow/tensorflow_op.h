// A small framework for TensorFlow ops: a kernel is a class, make_op describes it, and
// sonogram_register_ops registers it.
//
// A kernel has a constructor from OpAttributes and a function `void compute(OpContext&) const`, which any
// number of threads may call at a time. Both throw OpError, which TensorFlow receives as a status.
#pragma once

#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "floats.h"
#include "tensorflow_api.h"

namespace sonogram {

// The functions of the loaded TensorFlow; null until sonogram_register_ops has found them.
extern TensorFlow tensorflow;

struct OpError {
  int code;  // a TF_Code
  std::string message;
};

class Status {
 public:
  Status() : status_(tensorflow.TF_NewStatus()) {}
  Status(const Status&) = delete;
  Status& operator=(const Status&) = delete;
  ~Status() { tensorflow.TF_DeleteStatus(status_); }
  operator TF_Status*() const { return status_; }
  // Throws the error that it holds, if any.
  void check() const {
    const int code = tensorflow.TF_GetCode(status_);
    if (code != TF_OK) throw OpError{code, tensorflow.TF_Message(status_)};
  }

 private:
  TF_Status* status_;
};

// Settings of the process, fixed when the ops are registered.
struct OpSettings {
  std::string isa;  // instruction set; empty: the fastest
  int threads = 1;  // of a call that may use several
};
const OpSettings& op_settings();

inline int64_t product(const std::vector<int64_t>& dims) {
  int64_t result = 1;
  for (const int64_t dim : dims) result *= dim;
  return result;
}

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
  std::vector<int64_t> shape() const {
    std::vector<int64_t> dims;
    for (int axis = 0; axis < rank(); ++axis) dims.push_back(dim(axis));
    return dims;
  }
  int64_t elements() const { return product(shape()); }
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
  // Allocates an output, to be filled by the caller.
  OpTensor output(int index, int dtype, const std::vector<int64_t>& dims) const;

 private:
  TF_OpKernelContext* context_;
};

// An op; attributes, inputs and outputs in the syntax of TensorFlow's op definitions ("samples: float").
struct Op {
  const char* name;
  std::vector<const char*> attributes, inputs, outputs;
  void* (*create)(TF_OpKernelConstruction*);
  void (*compute)(void*, TF_OpKernelContext*);
  void (*destroy)(void*);
};

// Runs a function and reports what it throws through TensorFlow's `failure`.
template <class Where, class Run>
void guard(void (*failure)(Where*, TF_Status*), Where* where, const Run& run) {
  const auto report = [&](int code, const char* message) {
    const Status status;
    tensorflow.TF_SetStatus(status, code, message);
    failure(where, status);
  };
  try {
    run();
  } catch (const OpError& error) {
    report(error.code, error.message.c_str());
  } catch (const std::bad_alloc&) {
    report(TF_RESOURCE_EXHAUSTED, "the native engine ran out of memory");
  }
}

template <class Kernel>
Op make_op(const char* name, std::vector<const char*> attributes, std::vector<const char*> inputs,
           std::vector<const char*> outputs) {
  Op op = {name, std::move(attributes), std::move(inputs), std::move(outputs), nullptr, nullptr, nullptr};
  op.create = [](TF_OpKernelConstruction* construction) -> void* {
    Kernel* kernel = nullptr;
    guard(tensorflow.TF_OpKernelConstruction_Failure, construction,
          [&] { kernel = new Kernel(OpAttributes(construction)); });
    return kernel;
  };
  op.compute = [](void* kernel, TF_OpKernelContext* context) {
    guard(tensorflow.TF_OpKernelContext_Failure, context, [&] {
      OpContext call(context);
      const SubnormalNumbers kept;
      ((const Kernel*)kernel)->compute(call);
    });
  };
  op.destroy = [](void* kernel) { delete (Kernel*)kernel; };
  return op;
}

// The ops, which tensorflow_op.cpp registers.
Op spectrogram_op();
Op decode_op();
Op decode_files_op();
Op resample_op();

}  // namespace sonogram
