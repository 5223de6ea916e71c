#include "tensorflow_op.h"

#include <string.h>

#include <algorithm>
#include <mutex>
#include <type_traits>

#include "sonogram_native.h"
#include "system.h"

namespace sonogram {

TensorFlow tensorflow;

namespace {

OpSettings settings;

// Calls a function of TensorFlow whose last parameter is a status; throws the error that it returns there.
template <class Result, class... Parameters, class... Arguments>
Result call(Result (*function)(Parameters...), Arguments... arguments) {
  const Status status;
  if constexpr (std::is_void_v<Result>) {
    function(arguments..., status);
    status.check();
  } else {
    const Result result = function(arguments..., status);
    status.check();
    return result;
  }
}

// Python loads TensorFlow's libraries without making their symbols global, so each is opened by its path.
std::vector<void*> open_libraries(const char* libraries) {
  std::vector<void*> found;
  std::string paths = libraries;
  for (size_t begin = 0; begin < paths.size();) {
    const size_t end = std::min(paths.find('\n', begin), paths.size());
    void* handle = find_loaded_library(paths.substr(begin, end - begin).c_str());
    if (handle) found.push_back(handle);
    begin = end + 1;
  }
  return found;
}

void* look_up(const std::vector<void*>& libraries, const char* name) {
  for (void* library : libraries)
    if (void* symbol = find_symbol(library, name)) return symbol;
  throw OpError{TF_NOT_FOUND, std::string("this TensorFlow has no ") + name};
}

void find_tensorflow(const char* libraries) {
  const std::vector<void*> handles = open_libraries(libraries);
  TensorFlow found;
#define SONOGRAM_FIND(result, name, arguments) found.name = (result(*) arguments)look_up(handles, #name);
  SONOGRAM_TENSORFLOW(SONOGRAM_FIND)
#undef SONOGRAM_FIND
  tensorflow = found;
}

void register_op(const Op& op) {
  TF_OpDefinitionBuilder* builder = tensorflow.TF_NewOpDefinitionBuilder(op.name);
  for (const char* spec : op.attributes) tensorflow.TF_OpDefinitionBuilderAddAttr(builder, spec);
  for (const char* spec : op.inputs) tensorflow.TF_OpDefinitionBuilderAddInput(builder, spec);
  for (const char* spec : op.outputs) tensorflow.TF_OpDefinitionBuilderAddOutput(builder, spec);
  // The C API gives shape functions no access to attributes: Python sets the shape where it is known.
  tensorflow.TF_OpDefinitionBuilderSetShapeInferenceFunction(
      builder, [](TF_ShapeInferenceContext* context, TF_Status* result) {
        tensorflow.TF_ShapeInferenceContextSetUnknownShape(context, result);
      });
  call(tensorflow.TF_RegisterOpDefinition, builder);
  TF_KernelBuilder* kernel =
      tensorflow.TF_NewKernelBuilder(op.name, "CPU", op.create, op.compute, op.destroy);
  call(tensorflow.TF_RegisterKernelBuilder, op.name, kernel);
}

}  // namespace

const OpSettings& op_settings() { return settings; }

std::string_view OpTensor::text(int64_t index) const {
  constexpr int64_t SIZE = 24;  // of a TF_TString, part of the binary interface
  const TF_TString* string = (const TF_TString*)(data<const char>() + index * SIZE);
  return {tensorflow.TF_StringGetDataPointer(string), tensorflow.TF_StringGetSize(string)};
}

std::string OpAttributes::string(const char* name) const {
  int32_t list = 0, size = 0;
  call(tensorflow.TF_OpKernelConstruction_GetAttrSize, construction_, name, &list, &size);
  std::string value((size_t)size, '\0');
  call(tensorflow.TF_OpKernelConstruction_GetAttrString, construction_, name, value.data(), value.size());
  return value;
}

int64_t OpAttributes::integer(const char* name) const {
  int64_t value = 0;
  call(tensorflow.TF_OpKernelConstruction_GetAttrInt64, construction_, name, &value);
  return value;
}

OpTensor OpContext::input(int index) const {
  TF_Tensor* tensor = nullptr;
  call(tensorflow.TF_GetInput, context_, index, &tensor);
  return OpTensor(tensor);
}

OpTensor OpContext::output(int index, int dtype, const std::vector<int64_t>& dims) const {
  const int64_t item = dtype == TF_DOUBLE || dtype == TF_INT64 ? 8 : dtype == TF_INT16 ? 2 : 4;
  return OpTensor(call(tensorflow.TF_AllocateOutput, context_, index, dtype, dims.data(), (int)dims.size(),
                          (size_t)(item * product(dims))));
}

}  // namespace sonogram

int32_t sonogram_register_ops(const char* libraries, const char* isa, int32_t threads, char* message,
                              int64_t size) {
  using namespace sonogram;
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
