// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/volterra_engine.hpp"
#include "hooks/volterra_fft.hpp"
#include "hooks/volterra_products.hpp"

namespace asiowire {

/// A model cut into partitions of equal length, as spectra; the channels share it.
///
/// [any-thread]  never changes
template <class T> class VolterraPartitions {
public:
    static constexpr std::size_t tile = volterra_tile_bytes / sizeof(T);

    VolterraPartitions(const VolterraModel& model, std::size_t block);

    struct Head { ///< the first partition's taps, for pieces shorter than a partition
        VolterraBuffer<T> taps;
        VolterraBuffer<T> reversed;
    };
    std::size_t block; ///< frames of a partition; the transform is twice as long
    std::size_t parts; ///< partitions
    std::size_t terms;
    std::size_t tiles; ///< of one spectrum
    VolterraFft<T> fft;
    VolterraBuffer<T> spectra; ///< [tile][partition][term][tile], scaled for the way back
    std::vector<Head> heads;

    /// Values from tile to tile of spectra, and from row to row of signals.
    std::size_t stride() const { return parts * terms * tile; }
    std::size_t row() const { return fft.stride(2 * block); }
    /// Two rows of signals to their spectra, in tiles; `second` may be null.
    void transform(T* signals, T* transformed, T* first, T* second) const;
    std::size_t bytes() const;
};

/// Uniformly partitioned overlap-save without latency: for long kernels.
///
/// A whole partition that arrives at once takes one transform per product, one sum and one
/// transform back. A shorter piece gets the older partitions' share from a transform made once, and
/// the newest's either by direct sums or, where that is cheaper, by transforms of what is there.
///
/// A sample that is not finite, or has a product that is not, is left out of the transforms, and
/// the outputs that it reaches are NaN: no other output changes.
template <class T> class VolterraPartitioned final : public VolterraEngine<T> {
public:
    VolterraPartitioned(const VolterraModel& model, const VolterraPartitions<T>& partitions,
                        std::size_t factor);

    void process(const T* x, T* y, std::size_t frames) override;
    void clear() override;
    std::size_t bytes() const override;

private:
    T* signal(std::size_t term) { return signals_.data() + term * of_.row(); }
    void piece(const T* x, T* y, std::size_t frames);
    void by_transform(T* y, std::size_t frames);
    void by_sums(T* y, std::size_t frames);
    void transform();
    void sum_from(std::size_t first, std::size_t last, VolterraBuffer<T>& sum, bool add);
    void sum_tail();
    const T* sift(const T* x, std::size_t frames);
    void next_block();

    const VolterraPartitions<T>& of_;
    VolterraProducts<T> products_;
    T limit_;                       ///< of |sample|
    std::size_t reach_;             ///< frames that a sample can be heard
    VolterraBuffer<T> signals_;     ///< [term][last block, this block], an even number of rows
    VolterraBuffer<T> spectra_;     ///< [tile][slot][term][tile]; a newer block in a lower slot
    VolterraBuffer<T> transformed_; ///< two products
    VolterraBuffer<T> sum_;
    VolterraBuffer<T> time_;
    VolterraBuffer<T> tail_; ///< the older partitions' share of this block, as a spectrum
    VolterraBuffer<T> tail_time_;
    std::vector<T*> places_;
    VolterraBuffer<T> sifted_;
    std::vector<bool> reached_; ///< outputs of this piece that a sample left out reaches
    std::size_t still_reached_ = 0;
    std::size_t filled_ = 0; ///< frames of this block
    std::size_t slot_ = 0;   ///< this block's
    bool has_tail_ = false;
    bool has_tail_time_ = false;
    bool has_spectra_ = false; ///< of all of this block
};

} // namespace asiowire
