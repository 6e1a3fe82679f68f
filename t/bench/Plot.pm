package Plot;

# A line chart as SVG, both axes logarithmic, without any library.
#
#   spew($path, Plot::svg(title => ..., x => 'octets', y => 'CPU ms a message',
#       lines => { assayd => [[2000, 0.2], [20_000, 0.3]], ... }));
use strict;
use warnings;

my ($width, $height, $left, $bottom, $top, $right) = (640, 380, 70, 50, 40, 110);
my %colour = (null => '#888888', assayd => '#0060c0', opendkim => '#c05000', chain => '#a00060', rspamd => '#408000');

# Powers of ten that hold all values.
sub range {
    my @v = sort { $a <=> $b } grep { $_ > 0 } @_;
    my ($low, $high) = map { log($_) / log 10 } $v[0], $v[-1];
    $low = int($low) - ($low < int $low ? 1 : 0);
    $high = int($high) + ($high > int $high ? 1 : 0);
    $high++ if $high == $low;
    return ($low, $high);
}

sub short {
    my ($power) = @_;
    return $power < 0 ? sprintf '%.*f', -$power, 10**$power : scalar reverse join ' ', reverse(10**$power) =~ /\d{1,3}/g;
}

sub svg {
    my (%o) = @_;
    my @points = map { @$_ } values %{ $o{lines} };
    my ($x0, $x1) = range(map { $_->[0] } @points);
    my ($y0, $y1) = range(map { $_->[1] } @points);
    my $x = sub { sprintf '%.1f', $left + (log($_[0]) / log(10) - $x0) / ($x1 - $x0) * ($width - $left - $right) };
    my $y = sub { sprintf '%.1f', $height - $bottom - (log($_[0]) / log(10) - $y0) / ($y1 - $y0) * ($height - $top - $bottom) };
    my $svg = qq{<svg xmlns="http://www.w3.org/2000/svg" width="$width" height="$height" }
        . qq{font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="#ffffff"/>\n}
        . qq{<text x="$left" y="22" font-size="14">$o{title}</text>\n};
    my $text = sub { my ($px, $py, $anchor, $say) = @_;
        $svg .= qq{<text x="$px" y="$py" text-anchor="$anchor">$say</text>\n} };
    my $line = sub { my ($ax, $ay, $bx, $by) = @_;
        $svg .= qq{<line x1="$ax" y1="$ay" x2="$bx" y2="$by" stroke="#dddddd"/>\n} };
    for my $power ($x0 .. $x1) {
        $line->($x->(10**$power), $top, $x->(10**$power), $height - $bottom);
        $text->($x->(10**$power), $height - $bottom + 18, 'middle', short($power));
    }
    for my $power ($y0 .. $y1) {
        $line->($left, $y->(10**$power), $width - $right, $y->(10**$power));
        $text->($left - 6, $y->(10**$power) + 4, 'end', short($power));
    }
    $text->(($left + $width - $right) / 2, $height - 12, 'middle', $o{x});
    $text->($left, $top - 6, 'start', $o{y});
    my $place = $top;
    for my $name (sort keys %{ $o{lines} }) {
        my @at = map { [$x->($_->[0]), $y->($_->[1])] } @{ $o{lines}{$name} };
        my $colour = $colour{$name} // '#000000';
        $svg .= qq{<polyline fill="none" stroke="$colour" stroke-width="2" points="} . join(' ', map { "$_->[0],$_->[1]" } @at) . qq{"/>\n};
        $svg .= qq{<circle cx="$_->[0]" cy="$_->[1]" r="3" fill="$colour"/>\n} for @at;
        $svg .= qq{<text x="} . ($width - $right + 10) . qq{" y="} . ($place += 18) . qq{" fill="$colour">$name</text>\n};
    }
    return "$svg</svg>\n";
}

1;
