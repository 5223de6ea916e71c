#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <sys/stat.h>
#include <windows.h>

#include <algorithm>

#include "system.h"

namespace sonogram {
namespace {

// Python's os.fsencode writes UTF-8; Windows takes UTF-16.
std::wstring wide(const char* text) {
  std::wstring made((size_t)MultiByteToWideChar(CP_UTF8, 0, text, -1, nullptr, 0), L'\0');
  MultiByteToWideChar(CP_UTF8, 0, text, -1, made.data(), (int)made.size());
  return made;
}

OpenFile with_size(int descriptor) {
  if (descriptor < 0) throw errno;
  return {descriptor, std::max<int64_t>(_filelengthi64(descriptor), 0)};
}

}  // namespace

PathKind kind_of_path(const std::string& path) {
  struct _stat64 status;
  if (_wstat64(wide(path.c_str()).c_str(), &status) != 0) throw errno;
  if (status.st_mode & _S_IFDIR) return PathKind::FOLDER;
  return status.st_mode & _S_IFREG ? PathKind::FILE : PathKind::DEVICE;
}

OpenFile open_file(const std::string& path) {
  return with_size(_wopen(wide(path.c_str()).c_str(), _O_RDONLY | _O_BINARY | _O_NOINHERIT));
}

OpenFile open_again(int descriptor) { return with_size(_dup(descriptor)); }

// Windows has no pipes in folders.
std::string read_pipe(const std::string&, int) { throw 0; }

int64_t read_at(int descriptor, int64_t position, void* to, int64_t count) {
  const HANDLE file = (HANDLE)_get_osfhandle(descriptor);
  int64_t done = 0;
  while (done < count) {
    OVERLAPPED place = {};  // the position of this call alone, so that threads do not move one another's
    place.Offset = (DWORD)(position + done);
    place.OffsetHigh = (DWORD)((position + done) >> 32);
    DWORD got = 0;
    const DWORD wanted = (DWORD)std::min<int64_t>(count - done, 1 << 30);
    if (!ReadFile(file, (char*)to + done, wanted, &got, &place) || got == 0) break;
    done += got;
  }
  return done;
}

void close_file(int descriptor) { _close(descriptor); }

void* load_library(const char* path) { return (void*)LoadLibraryW(wide(path).c_str()); }

void* find_loaded_library(const char* path) { return (void*)GetModuleHandleW(wide(path).c_str()); }

void* find_symbol(void* library, const char* name) { return (void*)GetProcAddress((HMODULE)library, name); }

// Windows does not fork.
int after_fork(void (*)()) { return 0; }

}  // namespace sonogram
