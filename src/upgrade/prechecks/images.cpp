#include "upgrade/prechecks/rules.hpp"

#include <algorithm>

namespace oms::upgrade {
namespace {

const char* edition_of(const Version& version) {
    return is_community(version) ? "the Community Edition" : "the Enterprise Edition";
}

void archive_is_for_hosts(const Target& target,
                          const runtime::ImageArchive::Image& image,
                          const Survey& found,
                          Findings& all) {
    for (const auto& node : found.nodes) {
        const std::string& wanted = node.host.architecture;
        if (image.architecture.empty() || wanted.empty() || image.architecture == wanted) continue;
        add(all,
            "ImageArchitecture",
            "the archive " + *target.spec.image.archive + " holds an image for " +
                image.architecture + ", " + node.host.name + " is " + wanted,
            "use the installation package for " + wanted);
    }
}

std::string tags_of(const runtime::ImageArchive& archive) {
    std::string all;
    for (const auto& image : archive.images)
        for (const auto& tag : image.tags) all += (all.empty() ? "" : ", ") + tag;
    return all.empty() ? "no image with a tag" : all;
}

}  // namespace

/// The numbers of both editions overlap, and neither runs on the other's MetaDB.
void image_is_of_the_edition(const Target& target, const Survey& found, Findings& all) {
    const std::string& reference = target.spec.image.reference;
    const auto tagged = version_in_image(reference);
    if (!tagged || is_community(*tagged) == is_community(target.to)) return;
    const auto from = source_version(target, found);
    add(all,
        "ImageEdition",
        "the tag of " + reference + " is of " + edition_of(*tagged) + ", spec.targetVersion " +
            to_string(target.to) + " of " + edition_of(target.to) +
            (from ? std::string(", and the OMS that is there of ") + edition_of(*from) : ""),
        "set both to the edition that is there: one is not an upgrade of the other");
}

/// Before anything is loaded, so that a wrong package costs nothing.
void archive_is_right(const Target& target, const Survey& found, Findings& all) {
    if (!target.spec.image.archive) return;
    if (found.archive_error)
        add(all, "ImageArchive", *found.archive_error, "fetch the installation package again");
    if (!found.archive) return;
    const std::string& path = *target.spec.image.archive;
    const std::string& reference = target.spec.image.reference;
    if (found.archive->is_compressed) {
        add(all,
            "ImageArchive",
            "the archive " + path +
                " is compressed: what is in it is seen only when it is loaded, still before OMS is "
                "stopped",
            "nothing to do; unpacked, it would be looked into now",
            api::Severity::Info);
        return;
    }
    const auto& images = found.archive->images;
    const auto image = std::find_if(images.begin(), images.end(), [&](const auto& one) {
        return std::find(one.tags.begin(), one.tags.end(), reference) != one.tags.end();
    });
    if (image != images.end()) return archive_is_for_hosts(target, *image, found, all);
    if (images.size() == 1) archive_is_for_hosts(target, images.front(), found, all);
    add(all,
        "ImageArchive",
        "the archive " + path + " does not hold " + reference + ", but " + tags_of(*found.archive),
        "correct spec.image.reference, or use the right installation package");
}

}  // namespace oms::upgrade
