package Assay::Message;

# A message taken apart, its octets untouched: the fields in order, found by
# name, folded as they came or not.
#
#   my $m = Assay::Message->new($octets);
#   $m->fields('DKIM-Signature');    # raw values, topmost first
#   $m->value('Subject');            # of the topmost, unfolded and trimmed
#   $m->position('Received');        # 0 for the first field of the message
use strict;
use warnings;

sub new {
    my ($class, $octets) = @_;
    my @fields;
    my $rest = $octets;
    while ($rest =~ s/\A([!-9;-~]+)[ \t]*:((?:[^\n]*\n)(?:[ \t][^\n]*\n)*)//) {
        my ($name, $value) = ($1, $2);
        $value =~ s/\r?\n\z//;
        push @fields, { name => $name, value => $value };
    }
    $rest =~ s/\A\r?\n//;
    return bless { octets => $octets, fields => \@fields, body => $rest }, $class;
}

sub octets { return $_[0]{octets} }
sub body   { return $_[0]{body} }
sub names  { return map { $_->{name} } @{ $_[0]{fields} } }

sub fields {
    my ($self, $name) = @_;
    return map { $_->{value} } grep { lc $_->{name} eq lc $name } @{ $self->{fields} };
}

sub count {
    my ($self, $name) = @_;
    return scalar(() = $self->fields($name));
}

sub value {
    my ($self, $name) = @_;
    my ($first) = $self->fields($name);
    return defined $first ? unfold($first) : undef;
}

sub values {
    my ($self, $name) = @_;
    return map { unfold($_) } $self->fields($name);
}

sub position {
    my ($self, $name) = @_;
    my @names = $self->names;
    my ($at) = grep { lc $names[$_] eq lc $name } 0 .. $#names;
    return $at;
}

# RFC 5322 section 2.2.3: a line end before a blank goes.
sub unfold {
    my ($value) = @_;
    $value =~ s/\r?\n(?=[ \t])//g;
    $value =~ s/\A[ \t]+|[ \t\r\n]+\z//g;
    return $value;
}

1;
