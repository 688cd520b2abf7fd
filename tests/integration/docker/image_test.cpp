#include "base/error.hpp"
#include "catch.hpp"
#include "integration/docker/site.hpp"

#include <stop_token>

namespace oms {
namespace {

using runtime::Host;

/// An image of its own, saved as an archive and gone from the daemon.
struct Saved {
    explicit Saved(const std::string& prefix)
        : site(prefix), reference(prefix + ":new"), archive(site.folder() / "image.tar") {
        const std::string made = site.folder() / "made";
        shell("mkdir " + made + " && head -c 60000000 /dev/urandom > " + made + "/layer");
        shell("tar -C " + made + " -c . | docker -H " + from_bed("OMS_TEST_DOCKER") + " import - " +
              reference);
        id = site.host().find_image(reference)->id;
        site.cli("save -o " + archive.string() + " " + reference);
        site.cli("rmi " + reference);
    }
    ~Saved() {
        if (site.host().find_image(reference)) site.cli("rmi -f " + reference);
    }

    Site site;
    std::string reference;
    std::filesystem::path archive;
    std::string id;
};

TEST_CASE("an image is loaded from its archive, with progress, twice", "[bed][docker]") {
    Saved saved("bed-load");
    Host& host = saved.site.host();
    REQUIRE_FALSE(host.find_image(saved.reference).has_value());
    Progress last;
    int reports = 0;
    const ReportProgress report = [&](const Progress& progress) {
        CHECK(progress.done >= last.done);
        last = progress;
        ++reports;
    };
    host.load_image(saved.archive, report, {});
    CHECK(host.find_image(saved.reference)->id == saved.id);
    CHECK(last.done == std::filesystem::file_size(saved.archive));
    CHECK(last.total == last.done);
    CHECK(reports > 10);
    host.load_image(saved.archive, {}, {});
    CHECK(host.find_image(saved.id)->tags == std::vector<std::string>{saved.reference});
}

TEST_CASE("an archive that is not whole, or none, is refused", "[bed][docker]") {
    Saved saved("bed-cut");
    Host& host = saved.site.host();
    const auto size = std::filesystem::file_size(saved.archive);
    std::filesystem::resize_file(saved.archive, size / 2);
    CHECK_THROWS_AS(host.load_image(saved.archive, {}, {}), Terminal);
    shell("head -c 100000 /dev/urandom > " + saved.archive.string());
    CHECK_THROWS_AS(host.load_image(saved.archive, {}, {}), Terminal);
    shell("tar -C / -cf " + saved.archive.string() + " etc/hostname");
    CHECK_THROWS_AS(host.load_image(saved.archive, {}, {}), Terminal);
    CHECK_FALSE(host.find_image(saved.reference).has_value());
}

TEST_CASE("a load in progress obeys a stop, and can be done again", "[bed][docker]") {
    Saved saved("bed-abort");
    Host& host = saved.site.host();
    std::stop_source stop;
    const ReportProgress stop_half_way = [&stop](const Progress& progress) {
        if (progress.done > progress.total / 2) stop.request_stop();
    };
    CHECK_THROWS_AS(host.load_image(saved.archive, stop_half_way, stop.get_token()), Stopped);
    host.load_image(saved.archive, {}, {});
    CHECK(host.find_image(saved.reference)->id == saved.id);
}

TEST_CASE("a registry that cannot be reached may be later", "[bed][docker]") {
    Site site("bed-pull");
    CHECK_THROWS_AS(site.host().pull_image("127.0.0.1:1/oms:4.3", std::nullopt, {}, {}), Transient);
    CHECK_THROWS_AS(site.host().pull_image("Not A Reference", std::nullopt, {}, {}), Terminal);
}

}  // namespace
}  // namespace oms
