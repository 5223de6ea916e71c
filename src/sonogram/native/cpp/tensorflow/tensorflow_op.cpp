#include "tensorflow_op.h"

#include <dlfcn.h>
#include <string.h>

#include <algorithm>
#include <mutex>

#include "sonogram_native.h"

TensorFlow tensorflow;

namespace {

OpSettings settings;

class Status {
 public:
  Status() : status_(tensorflow.TF_NewStatus()) {}
  Status(const Status&) = delete;
  Status& operator=(const Status&) = delete;
  ~Status() { tensorflow.TF_DeleteStatus(status_); }
  operator TF_Status*() const { return status_; }
  // Throws what went wrong, if anything did.
  void check() const {
    const int code = tensorflow.TF_GetCode(status_);
    if (code != TF_OK) throw OpError{code, tensorflow.TF_Message(status_)};
  }

 private:
  TF_Status* status_;
};

// Python loads TensorFlow's libraries for itself alone, so each is asked by its path, one a line.
std::vector<void*> loaded(const char* libraries) {
  std::vector<void*> found;
  std::string paths = libraries;
  for (size_t begin = 0; begin < paths.size();) {
    const size_t end = std::min(paths.find('\n', begin), paths.size());
    void* handle = dlopen(paths.substr(begin, end - begin).c_str(), RTLD_LAZY | RTLD_NOLOAD);
    if (handle) found.push_back(handle);
    begin = end + 1;
  }
  return found;
}

void* look_up(const std::vector<void*>& libraries, const char* name) {
  for (void* library : libraries)
    if (void* symbol = dlsym(library, name)) return symbol;
  throw OpError{TF_NOT_FOUND, std::string("this TensorFlow has no ") + name};
}

void find_tensorflow(const char* libraries) {
  const std::vector<void*> handles = loaded(libraries);
  TensorFlow found;
#define SONOGRAM_FIND(result, name, arguments) found.name = (result(*) arguments)look_up(handles, #name);
  SONOGRAM_TENSORFLOW(SONOGRAM_FIND)
#undef SONOGRAM_FIND
  tensorflow = found;
}

void register_op(const Op& op) {
  const Status status;
  TF_OpDefinitionBuilder* builder = tensorflow.TF_NewOpDefinitionBuilder(op.name);
  for (const char* spec : op.attributes) tensorflow.TF_OpDefinitionBuilderAddAttr(builder, spec);
  for (const char* spec : op.inputs) tensorflow.TF_OpDefinitionBuilderAddInput(builder, spec);
  for (const char* spec : op.outputs) tensorflow.TF_OpDefinitionBuilderAddOutput(builder, spec);
  // A shape function cannot read attributes: Python says the shape, where it is known.
  tensorflow.TF_OpDefinitionBuilderSetShapeInferenceFunction(
      builder, [](TF_ShapeInferenceContext* context, TF_Status* result) {
        tensorflow.TF_ShapeInferenceContextSetUnknownShape(context, result);
      });
  tensorflow.TF_RegisterOpDefinition(builder, status);
  status.check();
  TF_KernelBuilder* kernel =
      tensorflow.TF_NewKernelBuilder(op.name, "CPU", op.create, op.compute, op.destroy);
  tensorflow.TF_RegisterKernelBuilder(op.name, kernel, status);
  status.check();
}

template <class Where>
void report(void (*failure)(Where*, TF_Status*), Where* where, const OpError& error) {
  const Status status;
  tensorflow.TF_SetStatus(status, error.code, error.message.c_str());
  failure(where, status);
}

}  // namespace

const OpSettings& op_settings() { return settings; }

void fail(TF_OpKernelConstruction* construction, const OpError& error) {
  report(tensorflow.TF_OpKernelConstruction_Failure, construction, error);
}

void fail(TF_OpKernelContext* context, const OpError& error) {
  report(tensorflow.TF_OpKernelContext_Failure, context, error);
}

std::string_view OpTensor::text(int64_t index) const {
  constexpr int64_t SIZE = 24;  // of a TF_TString, fixed by its binary interface
  const TF_TString* string = (const TF_TString*)(data<const char>() + index * SIZE);
  return {tensorflow.TF_StringGetDataPointer(string), tensorflow.TF_StringGetSize(string)};
}

std::string OpAttributes::string(const char* name) const {
  const Status status;
  int32_t list = 0, size = 0;
  tensorflow.TF_OpKernelConstruction_GetAttrSize(construction_, name, &list, &size, status);
  status.check();
  std::string value((size_t)size, '\0');
  tensorflow.TF_OpKernelConstruction_GetAttrString(construction_, name, value.data(), value.size(), status);
  status.check();
  return value;
}

int64_t OpAttributes::integer(const char* name) const {
  const Status status;
  int64_t value = 0;
  tensorflow.TF_OpKernelConstruction_GetAttrInt64(construction_, name, &value, status);
  status.check();
  return value;
}

OpTensor OpContext::input(int index) const {
  const Status status;
  TF_Tensor* tensor = nullptr;
  tensorflow.TF_GetInput(context_, index, &tensor, status);
  status.check();
  return OpTensor(tensor);
}

OpTensor OpContext::output(int index, int dtype, const std::vector<int64_t>& dims) const {
  const Status status;
  size_t bytes = dtype == TF_DOUBLE || dtype == TF_INT64 ? 8 : dtype == TF_INT16 ? 2 : 4;
  for (const int64_t dim : dims) bytes *= (size_t)dim;
  TF_Tensor* tensor =
      tensorflow.TF_AllocateOutput(context_, index, dtype, dims.data(), (int)dims.size(), bytes, status);
  OpTensor result(tensor);
  status.check();
  return result;
}

int32_t sonogram_register_ops(const char* libraries, const char* isa, int32_t threads, char* message,
                              int64_t size) {
  static std::mutex mutex;
  static bool done = false;
  const std::lock_guard<std::mutex> lock(mutex);
  if (done) return 0;
  try {
    find_tensorflow(libraries);
    settings = {isa, threads};
    for (const Op& op : {spectrogram_op(), decode_op(), decode_files_op(), resample_op()}) register_op(op);
    done = true;
    return 0;
  } catch (const OpError& error) {
    strncpy(message, error.message.c_str(), (size_t)size - 1);
    message[size - 1] = '\0';
    return 1;
  }
}
