// SPDX-License-Identifier: MIT
#include "pipewire/process.hpp"
#include "pipewire/status_file.hpp"
#include "pipewire/status_folder.hpp"
#include "tests/scratch.hpp"

#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "tests/cmocka.hpp"

// The files of status pages: who may see them, who reads what, and what becomes of the dead ones.
// Every test runs on a disk and in memory, where the page reaches its file in different ways.

using namespace asiowire;
namespace fs = std::filesystem;

namespace {

/// A new folder below one of both kinds; gone at the next call.
std::string new_folder(const char* below)
{
    static std::optional<scratch::Folder> current;
    current.reset();
    if (below[0] == '\0') return "";
    return current.emplace(std::string(below) + "/asiowire-page").path + "/asiowire";
}

constexpr const char* places[] = {"/tmp", "/dev/shm"};

std::size_t files_in(const std::string& folder)
{
    std::error_code ignored;
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder, ignored), fs::directory_iterator()));
}

/// A page of this process, written to and read back.
int wrong_facts(const std::string& folder)
{
    std::string why;
    const auto file = StatusFile::create(folder, why);
    int wrong = !why.empty();
    file->tell([](PageFacts& facts) {
        put(facts.program, "program");
        facts.block = 441;
    });
    file->page().counters.xruns_ours.store(17);
    file->page().wake.add(1000);
    file->refresh();
    const auto found = find_pages(folder);
    wrong += found.size() != 1 || !found[0].alive || found[0].path != file->path();
    if (found.size() != 1) return wrong + 1;
    const PageFacts facts = found[0].facts();
    wrong += std::strcmp(facts.program.data(), "program") != 0 || facts.block != 441;
    wrong += found[0].page->counters.xruns_ours != 17;
    wrong += found[0].page->wake.percentile(1.0) != file->page().wake.percentile(1.0);
    wrong += found[0].page->pid != static_cast<std::uint32_t>(getpid());
    file->clear();
    wrong += found[0].page->counters.xruns_ours != 0 || found[0].page->wake.percentile(1.0) != 0;
    struct stat status{};
    wrong += stat(file->path().c_str(), &status) != 0 || (status.st_mode & 07777) != 0600;
    wrong += stat(folder.c_str(), &status) != 0 || (status.st_mode & 07777) != 0700;
    return wrong;
}

void what_a_driver_says_others_read(void**)
{
    int wrong = 0;
    for (const char* place : places) {
        const std::string folder = new_folder(place);
        wrong += wrong_facts(folder) + static_cast<int>(files_in(folder));
    }
    new_folder("");
    assert_int_equal(wrong, 0);
}

void two_drivers_have_two_pages_and_each_goes_by_itself(void**)
{
    std::size_t first = 0;
    std::size_t second = 0;
    std::size_t third = 0;
    {
        const std::string folder = new_folder("/dev/shm");
        std::string why;
        auto one = StatusFile::create(folder, why);
        const auto two = StatusFile::create(folder, why);
        first = find_pages(folder).size();
        one.reset();
        second = find_pages(folder).size();
        two->withdraw();
        two->tell([](PageFacts& facts) { facts.block = 1; }); // the memory is still there
        third = files_in(folder);
    }
    new_folder("");
    assert_int_equal(first, 2);
    assert_int_equal(second, 1);
    assert_int_equal(third, 0);
}

/// A process that has a page and is killed; reaped or left as it is.
pid_t killed_owner(const std::string& folder, bool reap)
{
    const pid_t child = fork();
    if (child == 0) {
        std::string why;
        const auto file = StatusFile::create(folder, why);
        file->tell([](PageFacts& facts) { facts.block = 77; });
        raise(SIGKILL);
    }
    siginfo_t end{};
    waitid(P_PID, static_cast<id_t>(child), &end, WEXITED | (reap ? 0 : WNOWAIT));
    return child;
}

struct Afterlife {
    std::size_t pages = 0;
    bool alive = true;
    std::uint32_t block = 0;
    std::size_t pages_after_the_next_driver = 0;
};

Afterlife after_a_kill(const std::string& folder, bool reap)
{
    const pid_t child = killed_owner(folder, reap);
    Afterlife result;
    {
        const auto found = find_pages(folder);
        result.pages = found.size();
        if (!found.empty()) {
            result.alive = found[0].alive;
            result.block = found[0].facts().block;
        }
        std::string why;
        const auto next = StatusFile::create(folder, why);
        result.pages_after_the_next_driver = files_in(folder);
    }
    if (!reap) waitpid(child, nullptr, 0);
    new_folder("");
    return result;
}

void a_killed_owners_page_can_be_read_until_the_next_driver_opens(void**)
{
    for (const char* place : places) {
        for (const bool reap : {true, false}) {
            const Afterlife result = after_a_kill(new_folder(place), reap);
            assert_int_equal(result.pages, 1);
            assert_false(result.alive);
            assert_int_equal(result.block, 77);
            assert_int_equal(result.pages_after_the_next_driver, 1); // its own
        }
    }
}

/// Makes a living page look like that of a process that had this pid before.
bool survives_with_start_time(std::uint64_t start_time)
{
    const std::string folder = new_folder("/dev/shm");
    std::string why;
    const auto file = StatusFile::create(folder, why);
    file->page().start_time = start_time;
    const auto found = find_pages(folder);
    const bool alive = found.size() == 1 && found[0].alive;
    sweep_pages(folder);
    return alive && files_in(folder) == 1;
}

void a_pid_that_now_belongs_to_another_is_no_owner(void**)
{
    const std::uint64_t own = start_time_of(getpid());
    const bool right = survives_with_start_time(own);
    const bool wrong = survives_with_start_time(own - 1);
    new_folder("");
    assert_true(own > 0);
    assert_true(right);
    assert_false(wrong);
}

void the_start_time_is_the_kernels(void**)
{
    // stat's own words, counted from the right: the name is the only field that may hold spaces.
    std::ifstream file("/proc/self/stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    std::vector<std::string> words;
    for (std::size_t at = text.rfind(')') + 2, end = 0; end != std::string::npos; at = end + 1)
        words.push_back(text.substr(at, (end = text.find(' ', at)) - at));
    const std::string expected = words.at(22 - 3);
    text.clear();
    words.clear();
    const std::uint64_t told = start_time_of(getpid());
    assert_true(std::to_string(told) == expected);
    assert_int_equal(start_time_of(0), 0);
}

/// Forks a process whose first thread ends at once while another one goes on, as in Windows programs.
bool lives_without_its_first_thread()
{
    const pid_t child = fork();
    if (child == 0) {
        std::thread([] {
            std::this_thread::sleep_for(std::chrono::seconds(10));
            _exit(0);
        }).detach();
        syscall(SYS_exit, 0); // this thread alone, without pthread_exit's unwinding
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    std::ifstream file("/proc/" + std::to_string(child) + "/stat");
    std::string words;
    std::getline(file, words);
    const bool is_zombie = words.find(") Z ") != std::string::npos;
    const bool lives = start_time_of(child) != 0;
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    return is_zombie && lives;
}

void a_program_whose_first_thread_has_ended_lives(void**)
{
    const bool lives = lives_without_its_first_thread();
    assert_true(lives);
}

/// Files that are no pages of ours, in a folder with one that is.
std::size_t strangers_read(const std::string& folder)
{
    std::string why;
    const auto file = StatusFile::create(folder, why);
    const std::string mine = folder + "/" + std::to_string(getpid());
    std::ofstream(mine + "-900.status") << "short";
    std::ofstream(mine + "-901.status") << std::string(sizeof(StatusPage), 'x');
    std::ofstream(folder + "/notes.status") << std::string(sizeof(StatusPage), 'x');
    fs::create_directory(mine + "-902.status");
    fs::create_symlink(file->path(), mine + "-903.status");
    mkfifo((mine + "-904.status").c_str(), 0600); // must not be waited for
    fs::copy_file(file->path(), mine + "-905.status");
    fs::resize_file(mine + "-905.status", sizeof(StatusPage) - 4096); // of another version
    sweep_pages(folder);
    return find_pages(folder).size() - 1;
}

void what_is_no_page_is_neither_read_nor_waited_for(void**)
{
    std::size_t read = 0;
    for (const char* place : places) read += strangers_read(new_folder(place));
    new_folder("");
    assert_int_equal(read, 0);
}

void without_a_folder_there_is_a_page_that_nobody_sees(void**)
{
    bool works = true;
    std::size_t sentences = 0;
    for (const char* folder : {"", "/nowhere/asiowire", "/dev/null"}) {
        std::string why;
        const auto file = StatusFile::create(folder, why);
        file->tell([](PageFacts& facts) { facts.block = 5; });
        file->refresh();
        works &= file->path().empty() && file->page().facts.load().block == 5;
        sentences += why.starts_with("no status page");
    }
    assert_true(works);
    assert_int_equal(sentences, 3);
}

void a_folder_that_others_may_write_to_is_refused(void**)
{
    std::string why;
    {
        const std::string folder = new_folder("/dev/shm");
        fs::create_directory(folder);
        chmod(folder.c_str(), 0777);
        const auto file = StatusFile::create(folder, why);
        new_folder("");
    }
    assert_true(why.find("others may write there") != std::string::npos);
}

void a_writer_that_died_in_the_middle_does_not_hold_readers(void**)
{
    static Seqlock<std::array<std::uint32_t, 2>> lock;
    lock.store({1, 2});
    const std::uint32_t odd = 3; // a sequence that stays odd, as after a death
    std::memcpy(reinterpret_cast<void*>(&lock), &odd, sizeof odd);
    std::array<std::uint32_t, 2> value{};
    assert_false(lock.try_load(value, 100));
    assert_int_equal(value[1], 2);
}

void names_are_cut_between_characters(void**)
{
    std::array<char, 8> field{};
    put(field, "abcdefghij");
    assert_string_equal(field.data(), "abcdefg");
    put(field, "abcdef\u00e4"); // two bytes, one too many
    assert_string_equal(field.data(), "abcdef");
    put(field, "abcde\u00e4");
    assert_string_equal(field.data(), "abcde\u00e4");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_a_driver_says_others_read),
        cmocka_unit_test(two_drivers_have_two_pages_and_each_goes_by_itself),
        cmocka_unit_test(a_killed_owners_page_can_be_read_until_the_next_driver_opens),
        cmocka_unit_test(a_pid_that_now_belongs_to_another_is_no_owner),
        cmocka_unit_test(the_start_time_is_the_kernels),
        cmocka_unit_test(a_program_whose_first_thread_has_ended_lives),
        cmocka_unit_test(what_is_no_page_is_neither_read_nor_waited_for),
        cmocka_unit_test(without_a_folder_there_is_a_page_that_nobody_sees),
        cmocka_unit_test(a_folder_that_others_may_write_to_is_refused),
        cmocka_unit_test(a_writer_that_died_in_the_middle_does_not_hold_readers),
        cmocka_unit_test(names_are_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
