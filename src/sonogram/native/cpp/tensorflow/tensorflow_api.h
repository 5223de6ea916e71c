// The part of TensorFlow's C API that the ops use. It is declared here, so that the library is compiled
// without TensorFlow's headers, and looked up in the loaded TensorFlow, so that it loads without it.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct TF_Status;
struct TF_Tensor;
struct TF_TString;
struct TF_OpDefinitionBuilder;
struct TF_ShapeInferenceContext;
struct TF_KernelBuilder;
struct TF_OpKernelConstruction;
struct TF_OpKernelContext;

// Values of TF_Code and TF_DataType: part of the binary interface, so they never change.
enum { TF_OK = 0, TF_INVALID_ARGUMENT = 3, TF_NOT_FOUND = 5, TF_RESOURCE_EXHAUSTED = 8, TF_INTERNAL = 13 };
enum { TF_FLOAT = 1, TF_DOUBLE = 2, TF_INT32 = 3, TF_INT16 = 5, TF_STRING = 7, TF_INT64 = 9 };

// Calls F(result, name, arguments) for each function.
#define SONOGRAM_TENSORFLOW(F)                                                                          \
  F(TF_Status*, TF_NewStatus, (void))                                                                   \
  F(void, TF_DeleteStatus, (TF_Status*))                                                                \
  F(void, TF_SetStatus, (TF_Status*, int code, const char* message))                                    \
  F(int, TF_GetCode, (const TF_Status*))                                                                \
  F(const char*, TF_Message, (const TF_Status*))                                                        \
  F(TF_OpDefinitionBuilder*, TF_NewOpDefinitionBuilder, (const char* name))                             \
  F(void, TF_OpDefinitionBuilderAddAttr, (TF_OpDefinitionBuilder*, const char* spec))                   \
  F(void, TF_OpDefinitionBuilderAddInput, (TF_OpDefinitionBuilder*, const char* spec))                  \
  F(void, TF_OpDefinitionBuilderAddOutput, (TF_OpDefinitionBuilder*, const char* spec))                 \
  F(void, TF_OpDefinitionBuilderSetShapeInferenceFunction,                                              \
    (TF_OpDefinitionBuilder*, void (*)(TF_ShapeInferenceContext*, TF_Status*)))                         \
  F(void, TF_ShapeInferenceContextSetUnknownShape, (TF_ShapeInferenceContext*, TF_Status*))             \
  F(void, TF_RegisterOpDefinition, (TF_OpDefinitionBuilder*, TF_Status*))                               \
  F(TF_KernelBuilder*, TF_NewKernelBuilder,                                                             \
    (const char* op, const char* device, void* (*create)(TF_OpKernelConstruction*),                     \
     void (*compute)(void*, TF_OpKernelContext*), void (*destroy)(void*)))                              \
  F(void, TF_RegisterKernelBuilder, (const char* name, TF_KernelBuilder*, TF_Status*))                  \
  F(void, TF_OpKernelConstruction_Failure, (TF_OpKernelConstruction*, TF_Status*))                      \
  F(void, TF_OpKernelConstruction_GetAttrSize,                                                          \
    (TF_OpKernelConstruction*, const char* name, int32_t* list, int32_t* total, TF_Status*))            \
  F(void, TF_OpKernelConstruction_GetAttrString,                                                        \
    (TF_OpKernelConstruction*, const char* name, char* value, size_t size, TF_Status*))                 \
  F(void, TF_OpKernelConstruction_GetAttrInt64,                                                         \
    (TF_OpKernelConstruction*, const char* name, int64_t* value, TF_Status*))                           \
  F(void, TF_OpKernelContext_Failure, (TF_OpKernelContext*, TF_Status*))                                \
  F(int, TF_NumInputs, (TF_OpKernelContext*))                                                           \
  F(void, TF_GetInput, (TF_OpKernelContext*, int index, TF_Tensor**, TF_Status*))                       \
  F(TF_Tensor*, TF_AllocateOutput,                                                                      \
    (TF_OpKernelContext*, int index, int dtype, const int64_t* dims, int rank, size_t bytes, TF_Status*)) \
  F(void, TF_DeleteTensor, (TF_Tensor*))                                                                \
  F(int, TF_TensorType, (const TF_Tensor*))                                                             \
  F(int, TF_NumDims, (const TF_Tensor*))                                                                \
  F(int64_t, TF_Dim, (const TF_Tensor*, int index))                                                     \
  F(void*, TF_TensorData, (const TF_Tensor*))                                                           \
  F(const char*, TF_StringGetDataPointer, (const TF_TString*))                                          \
  F(size_t, TF_StringGetSize, (const TF_TString*))

namespace sonogram {

struct TensorFlow {
#define SONOGRAM_MEMBER(result, name, arguments) result(*name) arguments = nullptr;
  SONOGRAM_TENSORFLOW(SONOGRAM_MEMBER)
#undef SONOGRAM_MEMBER
};

}  // namespace sonogram
