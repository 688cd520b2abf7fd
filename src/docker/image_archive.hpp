#pragma once

#include "runtime/image_archive.hpp"

#include <filesystem>

namespace oms::docker {

/// Reads what `docker save` has written: manifest.json and the configurations that it names, in
/// whatever order they come. Layers are skipped over, not read. Throws Terminal when it cannot be
/// read, or is no such archive: cut off, another kind of file, or one with too many entries.
runtime::ImageArchive read_image_archive(const std::filesystem::path&);

}  // namespace oms::docker
